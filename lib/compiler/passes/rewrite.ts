import { opSpec } from "../ops/table.ts"
import type { Attributes, Node, Program, ValueType } from "../program.ts"

/** A function from a program to an equivalent program. */
export type Pass = (program: Program) => Program

/** Information and actions that a rule has at a node of the program being rewritten. */
export interface Site {
  readonly type: (value: number) => ValueType
  /** Returns the node that makes a value, as rewritten so far; undefined for an input. */
  readonly producer: (value: number) => Node | undefined
  /** Returns the number of reads of a value, including outputs and updates; an upper bound until dead code is removed. */
  readonly uses: (value: number) => number
  /** Adds a node before this one, with types from the table of ops; by default it is in the backward pass if this node is. */
  readonly emit: (op: string, inputs: readonly number[], attributes?: Attributes, backward?: boolean) => readonly number[]
}

/** Returns the values that replace a node's outputs, or undefined to leave it unchanged. */
export type Rule = (node: Node, site: Site) => readonly number[] | undefined

/** Counts how often each value is read by nodes or leaves the program. */
export const useCounts = (program: Program): Int32Array => {
  const counts = new Int32Array(program.values.length)
  for (const node of program.nodes) for (const input of node.inputs) counts[input]!++
  for (const { value } of program.outputs) counts[value]!++
  for (const { value } of program.updates) counts[value]!++
  return counts
}

/**
 * Walks a program once, in order; at each node, whose inputs are rewritten already, `rule` may replace its outputs by other
 * values.
 */
export const rewrite = (program: Program, rule: Rule): Program => {
  const values = [...program.values]
  const nodes: Node[] = []
  const made: (Node | undefined)[] = []
  const counts = [...useCounts(program)]
  const standsFor = Int32Array.from({ length: program.values.length }, (_, i) => i)
  const push = (node: Node): void => {
    nodes.push(node)
    for (const output of node.outputs) made[output] = node
  }
  let around: Pick<Node, "stage" | "backward"> = { stage: "" }
  const site: Site = {
    type: (value) => values[value]!,
    producer: (value) => made[value],
    uses: (value) => counts[value]!,
    emit: (op, inputs, attributes = {}, backward = true) => {
      const types = opSpec(op)!.infer(
        inputs.map((input) => values[input]!),
        attributes
      )
      const outputs = types.map((type) => values.push(type) - 1)
      for (const input of inputs) counts[input]!++
      for (const output of outputs) counts[output] = 0
      push({ op, inputs, outputs, attributes, stage: around.stage, ...(around.backward && backward ? { backward } : {}) })
      return outputs
    }
  }
  for (const node of program.nodes) {
    const moved = node.inputs.some((input) => standsFor[input] !== input)
    const here = moved ? { ...node, inputs: node.inputs.map((input) => standsFor[input]!) } : node
    around = node.backward ? { stage: node.stage, backward: true } : { stage: node.stage }
    const instead = rule(here, site)
    if (!instead) push(here)
    else
      for (const [i, output] of node.outputs.entries()) {
        standsFor[output] = instead[i]!
        counts[instead[i]!]! += counts[output]!
      }
  }
  return {
    values,
    inputs: program.inputs,
    nodes,
    outputs: program.outputs.map((output) => ({ ...output, value: standsFor[output.value]! })),
    updates: program.updates.map((update) => ({ ...update, value: standsFor[update.value]! }))
  }
}
