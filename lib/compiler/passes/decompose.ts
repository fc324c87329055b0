import type { Decomposition } from "../../tensor/decompose.ts"
import type { Attributes, Program, ValueType } from "../program.ts"
import { trace } from "../trace.ts"
import { recomputedAttribute } from "./recompute.ts"
import { type Pass, rewrite, type Site } from "./rewrite.ts"

/** Options for the nodes of a decomposition: whether they may belong to the backward pass, and additional attributes. */
export interface InlineOptions {
  readonly back?: boolean
  readonly attributes?: Attributes
}

/** Inlines a decomposition (identified by its name) of values at a site; returns its outputs. */
export type Inliner = (
  name: string,
  decomposition: Decomposition,
  inputs: readonly number[],
  attributes: Attributes,
  site: Site,
  options?: InlineOptions
) => readonly number[]

const traced = (decomposition: Decomposition, types: readonly ValueType[], attributes: Attributes): Program =>
  trace((t) => {
    const inputs = types.map(({ shape, dtype }, i) => t.input(`${i}`, shape, dtype))
    return { outputs: Object.fromEntries(decomposition(inputs, attributes).map((tensor, i) => [`${i}`, tensor])) }
  })

/**
 * Copies the nodes of a small program to a site; returns its outputs there. Of an op in the backward pass, only nodes that depend
 * on a gradient are in the backward pass too (all of them, where the gradient has become a constant): the rest may be computed at
 * any time. With `back` false no node is.
 */
const copyTo = (
  site: Site,
  program: Program,
  inputs: readonly number[],
  { back = true, attributes = {} }: InlineOptions
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

/** Returns an inliner that traces each decomposition once for each combination of types and attributes. */
export const inliner = (): Inliner => {
  const known = new Map<string, Program>()
  return (name, decomposition, inputs, attributes, site, options = {}) => {
    const types = inputs.map(site.type)
    const key = `${name}${JSON.stringify([types, attributes])}`
    const program = known.get(key) ?? traced(decomposition, types, attributes)
    known.set(key, program)
    return copyTo(site, program, inputs, options)
  }
}

/** Returns a pass that replaces ops by their decompositions, by name. */
export const decompose =
  (decompositions: { readonly [op: string]: Decomposition }): Pass =>
  (program) => {
    const inline = inliner()
    return rewrite(program, (node, site) => {
      const decomposition = Object.hasOwn(decompositions, node.op) ? decompositions[node.op] : undefined
      const attributes = node.attributes["recomputed"] ? recomputedAttribute : {}
      return decomposition && inline(node.op, decomposition, node.inputs, node.attributes, site, { attributes })
    })
  }
