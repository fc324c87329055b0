import { bytesOf, ownersOf } from "../memory.ts"
import { type Program, roots } from "../program.ts"

/** The dependencies, memory and readiness of a program's nodes, as scheduling uses them. */
export interface ScheduleGraph {
  readonly program: Program
  /** Indices of the nodes that make each node's inputs, without duplicates, in order. */
  readonly sources: readonly (readonly number[])[]
  readonly readers: readonly (readonly number[])[]
  /** Nodes that run as soon as they can: those after a gradient, and those that no gradient needs. The others run on demand. */
  readonly eager: Uint8Array
  /** Nodes that a gradient has reached: those in the backward pass, and all after them. */
  readonly after: Uint8Array
  /** Number of sources that an eager node waits for: eager ones, or any if no gradient needs it. */
  readonly waits: Int32Array
  /** Eager nodes in the backward pass that wait for none: the starting points of gradients. */
  readonly seeds: readonly number[]
  readonly owner: Int32Array
  /** Nodes that compute with each value's memory, not counting views of it. */
  readonly memoryReaders: readonly (readonly number[])[]
  /** Bytes that each value allocates: none for inputs, constants and views. */
  readonly bytes: Float64Array
  /** Number of reads of each value's memory by nodes, plus one for values that leave the program. */
  readonly reads: Int32Array
}

/** Analyses a program for scheduling. */
export const scheduleGraph = (program: Program): ScheduleGraph => {
  const count = program.nodes.length
  const maker = new Int32Array(program.values.length).fill(-1)
  for (const [i, node] of program.nodes.entries()) for (const output of node.outputs) maker[output] = i
  const sources = program.nodes.map((node) =>
    [...new Set(node.inputs.map((input) => maker[input]!).filter((i) => i >= 0))].sort((a, b) => a - b)
  )
  const readers: number[][] = program.nodes.map(() => [])
  for (const [i, from] of sources.entries()) for (const j of from) readers[j]!.push(i)
  const constant = (i: number): boolean => program.nodes[i]!.op === "Constant"
  const after = new Uint8Array(count)
  for (const [i, node] of program.nodes.entries())
    if (!constant(i) && (node.backward || sources[i]!.some((j) => after[j]))) after[i] = 1
  const needed = new Uint8Array(count)
  for (let i = count - 1; i >= 0; i--) if (after[i] || needed[i]) for (const j of sources[i]!) needed[j] = 1
  const eager = after.map((is, i) => (is || !needed[i] ? 1 : 0))
  const waits = Int32Array.from({ length: count }, (_, i) =>
    sources[i]!.reduce((n, j) => n + (after[i] ? after[j]! : constant(j) ? 0 : 1), 0)
  )
  const owner = ownersOf(program)
  const bytes = new Float64Array(program.values.length)
  const reads = new Int32Array(program.values.length)
  const memoryReaders: number[][] = program.values.map(() => [])
  for (const [i, node] of program.nodes.entries())
    if (owner[node.outputs[0]!] === node.outputs[0]) for (const input of node.inputs) memoryReaders[owner[input]!]!.push(i)
  for (const node of program.nodes) {
    for (const input of node.inputs) reads[owner[input]!]!++
    if (node.op !== "Constant")
      for (const output of node.outputs) if (owner[output] === output) bytes[output] = bytesOf(program.values[output]!)
  }
  for (const root of roots(program)) reads[owner[root]!]!++
  for (const { value } of program.updates) bytes[value] = 0 // it has its own memory
  const seeds = program.nodes.map((_, i) => i).filter((i) => after[i] && waits[i] === 0)
  return { program, sources, readers, eager, after, waits, seeds, owner, memoryReaders, bytes, reads }
}
