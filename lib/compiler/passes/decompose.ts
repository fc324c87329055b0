import type { Decomposition } from "../../tensor/decompose.ts"
import type { Attributes, Node, Program, ValueType } from "../program.ts"
import { trace } from "../trace.ts"
import { secondTime } from "./recompute.ts"
import { type Pass, rewrite, type Site } from "./rewrite.ts"

/** A decomposition as a program of its own. */
export const traced = (decomposition: Decomposition, types: readonly ValueType[], attributes: Node["attributes"]): Program =>
  trace((t) => {
    const inputs = types.map(({ shape, dtype }, i) => t.input(`${i}`, shape, dtype))
    return { outputs: Object.fromEntries(decomposition(inputs, attributes).map((tensor, i) => [`${i}`, tensor])) }
  })

/**
 * Copies the nodes of a small program to a site; gives its outputs there. Of an op on the way back, only what depends on a gradient
 * is on the way back too (all of it, where the gradient has become a constant): the rest may be computed at any time. Nothing is
 * where `back` is false. `attributes` are given to every node.
 */
export const inline = (
  program: Program,
  inputs: readonly number[],
  site: Site,
  { back = true, attributes = {} }: { readonly back?: boolean; readonly attributes?: Attributes } = {}
): readonly number[] => {
  const at = new Map(program.inputs.map(({ value }, i) => [value, inputs[i]!]))
  const carried = inputs.some((input) => site.producer(input)?.backward)
  for (const node of program.nodes) {
    const given = node.inputs.map((input) => at.get(input)!)
    const backward = back && (!carried || given.some((input) => site.producer(input)?.backward))
    const made = site.emit(node.op, given, { ...node.attributes, ...attributes }, backward)
    for (const [i, output] of node.outputs.entries()) at.set(output, made[i]!)
  }
  return program.outputs.map(({ value }) => at.get(value)!)
}

/** Puts decompositions of ops, by name, in their place. */
export const decompose =
  (decompositions: { readonly [op: string]: Decomposition }): Pass =>
  (program) => {
    const known = new Map<string, Program>()
    return rewrite(program, (node, site) => {
      const decomposition = Object.hasOwn(decompositions, node.op) ? decompositions[node.op] : undefined
      if (!decomposition) return undefined
      const types = node.inputs.map(site.type)
      const key = `${node.op}${JSON.stringify([types, node.attributes])}`
      const template = known.get(key) ?? traced(decomposition, types, node.attributes)
      known.set(key, template)
      return inline(template, node.inputs, site, { attributes: node.attributes["again"] ? secondTime : {} })
    })
  }
