import { type Node, type Program, roots, sizeOf, type ValueType } from "./program.ts"

/** Size of a value in bytes. */
export const bytesOf = ({ shape, dtype }: ValueType): number => sizeOf(shape) * (dtype === "bool" ? 1 : 4)

/** Ops whose result is a view of their input's memory. */
const views = new Set(["Reshape", "ExpandDims", "Identity"])

/** Ops that may write their result over an input of the same size that nothing reads afterwards. */
export const overwriting: ReadonlySet<string> = new Set([
  "Add",
  "Sub",
  "Multiply",
  "RealDiv",
  "Neg",
  "Exp",
  "Log",
  "Sqrt",
  "Rsqrt",
  "Square",
  "Tanh",
  "Erf",
  "Abs",
  "Reciprocal",
  "Sigmoid",
  "ClipByValue",
  "Softmax"
])

/** Memory use of a run, node by node. */
export interface MemoryUse {
  /** Maximum bytes of intermediate values alive at once; inputs, constants and values written over the state are not counted. */
  readonly peakBytes: number
  /** Index of the node at which the peak occurs. */
  readonly peakNode: number
  /** Bytes alive while each node runs. */
  readonly timeline: Float64Array
}

/** Returns, for each value, the value that owns its memory. */
export const ownersOf = (program: Program): Int32Array => {
  const owner = Int32Array.from({ length: program.values.length }, (_, i) => i)
  for (const node of program.nodes) if (views.has(node.op)) owner[node.outputs[0]!] = owner[node.inputs[0]!]!
  return owner
}

/**
 * Computes the memory of a program's intermediate values when its nodes run in order, each value freed after its last reader and
 * overwritten where its reader allows. `kept` are values stored elsewhere (updates written over the state).
 */
export const memoryUse = (program: Program, kept: ReadonlySet<number> = new Set()): MemoryUse => {
  const owner = ownersOf(program)
  const last = new Int32Array(program.values.length).fill(-1)
  const free = new Uint8Array(program.values.length)
  for (const { value } of program.inputs) free[value] = 1
  for (const value of kept) free[value] = 1
  for (const [i, node] of program.nodes.entries()) {
    if (node.op === "Constant") free[node.outputs[0]!] = 1
    for (const input of node.inputs) last[owner[input]!] = i
    for (const output of node.outputs) last[owner[output]!] = Math.max(last[owner[output]!]!, i)
  }
  for (const root of roots(program)) last[owner[root]!] = program.nodes.length
  const timeline = new Float64Array(program.nodes.length)
  const endings: number[][] = program.nodes.map(() => [])
  for (const [value, i] of last.entries()) if (i >= 0 && i < endings.length && !free[value]) endings[i]!.push(value)
  const overwrites = (node: Node, i: number, output: number): boolean =>
    overwriting.has(node.op) &&
    node.inputs.some((input) => {
      const from = owner[input]!
      return !free[from] && last[from] === i && bytesOf(program.values[from]!) === bytesOf(program.values[output]!)
    })
  let alive = 0
  let peakNode = 0
  for (const [i, node] of program.nodes.entries()) {
    let reused = 0
    for (const output of node.outputs)
      if (owner[output] === output && !free[output]) {
        const bytes = bytesOf(program.values[output]!)
        alive += bytes
        if (overwrites(node, i, output)) reused += bytes
      }
    timeline[i] = alive - reused
    if (timeline[i]! > timeline[peakNode]!) peakNode = i
    for (const value of endings[i]!) alive -= bytesOf(program.values[value]!)
  }
  return { peakBytes: timeline[peakNode] ?? 0, peakNode, timeline }
}
