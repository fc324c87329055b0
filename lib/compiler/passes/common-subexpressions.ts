import type { Attributes, Literal, Node } from "../program.ts"
import { type Pass, rewrite } from "./rewrite.ts"

const isLiteral = (value: unknown): value is Literal =>
  typeof value === "object" && value !== null && !Array.isArray(value) && ("splat" in value || "values" in value)

/** Constants up to this many bytes are compared by content; larger ones are never merged. */
const literalBytes = 1 << 16

const spellLiteral = (literal: Literal, unique: () => string): string => {
  if ("splat" in literal) return Object.is(literal.splat, -0) ? "splat -0" : `splat ${literal.splat}`
  const { buffer, byteOffset, byteLength } = literal.values
  return byteLength > literalBytes ? unique() : Buffer.from(buffer, byteOffset, byteLength).toString("base64")
}

const spellAttributes = (attributes: Attributes, unique: () => string): string =>
  Object.keys(attributes)
    .sort()
    .map((name) => {
      const value = attributes[name]
      return `${name}=${isLiteral(value) ? spellLiteral(value, unique) : JSON.stringify(value)}`
    })
    .join(";")

/** Merges nodes of one op with the same inputs and attributes: passes of a step over the same images share their work. */
export const commonSubexpressions: Pass = (program) => {
  const seen = new Map<string, readonly number[]>()
  let count = 0
  const unique = (): string => `#${count++}`
  return rewrite(program, (node: Node) => {
    const key = `${node.op}|${node.inputs.join()}|${spellAttributes(node.attributes, unique)}`
    const same = seen.get(key)
    if (same) return same
    seen.set(key, node.outputs)
    return undefined
  })
}
