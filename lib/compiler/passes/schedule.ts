import { memoryUse } from "../memory.ts"
import type { Program } from "../program.ts"
import type { Pass } from "./rewrite.ts"
import { type ScheduleGraph, scheduleGraph } from "./schedule-graph.ts"

/** A schedule being made: nodes run so far, and what is waiting and alive after them. */
interface Progress {
  readonly order: number[]
  readonly done: Uint8Array
  readonly waits: Int32Array
  readonly reads: Int32Array
  /** Eager nodes that may run, the first of the program first. */
  readonly ready: number[]
  alive: number
  peak: number
}

const copy = (p: Progress): Progress => ({
  ...p,
  order: [...p.order],
  done: p.done.slice(),
  waits: p.waits.slice(),
  reads: p.reads.slice(),
  ready: [...p.ready]
})

/** Puts a number where it belongs in an ascending list. */
const insert = (list: number[], x: number): void => {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]! < x) low = middle + 1
    else high = middle
  }
  list.splice(low, 0, x)
}

const runNode = (graph: ScheduleGraph, p: Progress, i: number): void => {
  const node = graph.program.nodes[i]!
  p.done[i] = 1
  p.order.push(i)
  for (const output of node.outputs) p.alive += graph.bytes[output]!
  p.peak = Math.max(p.peak, p.alive)
  for (const input of node.inputs) {
    const memory = graph.owner[input]!
    if (--p.reads[memory]! === 0) p.alive -= graph.bytes[memory]!
  }
  for (const output of node.outputs) if (graph.owner[output] === output && p.reads[output] === 0) p.alive -= graph.bytes[output]!
  for (const reader of graph.readers[i]!)
    if (graph.eager[reader] && waitsFor(graph, reader, i) && --p.waits[reader]! === 0) insert(p.ready, reader)
}

const isAfter = (graph: ScheduleGraph, i: number): boolean => graph.eager[i] === 1 && graph.after[i] === 1

/** Whether an eager node waits for one of its sources; what a gradient needs from before is made on demand instead. */
const waitsFor = (graph: ScheduleGraph, reader: number, source: number): boolean =>
  isAfter(graph, reader) ? isAfter(graph, source) : graph.program.nodes[source]!.op !== "Constant"

/** Runs a node after everything it still needs, the first of the program first. */
const runWithSources = (graph: ScheduleGraph, p: Progress, i: number): void => {
  const open = [i]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at < 0) runNode(graph, p, ~at)
    else if (!p.done[at]) {
      const missing = graph.sources[at]!.filter((j) => !p.done[j])
      if (missing.length === 0) runNode(graph, p, at)
      else open.push(at, ...missing.toReversed())
    }
  }
}

const runReady = (graph: ScheduleGraph, p: Progress): void => {
  for (let i = p.ready.shift(); i !== undefined; i = p.ready.shift()) if (!p.done[i]) runWithSources(graph, p, i)
}

const afterSeed = (graph: ScheduleGraph, p: Progress, seed: number): Progress => {
  const next = copy(p)
  runWithSources(graph, next, seed)
  runReady(graph, next)
  return next
}

/** More starts of gradients than this are taken in their order, without trying which is best. */
const mostTried = 24

const scheduled = (program: Program): readonly number[] => {
  const graph = scheduleGraph(program)
  let p: Progress = {
    order: [],
    done: new Uint8Array(program.nodes.length),
    waits: graph.waits.slice(),
    reads: graph.reads.slice(),
    ready: [],
    alive: 0,
    peak: 0
  }
  for (const [i, node] of program.nodes.entries()) if (node.op === "Constant") runNode(graph, p, i)
  for (let i = 0; i < program.nodes.length; i++)
    if (graph.eager[i] && !graph.after[i] && graph.waits[i] === 0 && !p.done[i]) insert(p.ready, i)
  runReady(graph, p)
  for (const open = new Set(graph.seeds); open.size > 0; ) {
    let best: { readonly seed: number; readonly progress: Progress } | undefined
    for (const seed of open.size > mostTried ? [open.values().next().value!] : open) {
      const progress = p.done[seed] ? p : afterSeed(graph, p, seed)
      if (!best || progress.alive < best.progress.alive) best = { seed, progress }
    }
    open.delete(best!.seed)
    p = best!.progress
  }
  for (let i = 0; i < program.nodes.length; i++) if (!p.done[i]) runWithSources(graph, p, i)
  return p.order
}

/**
 * Orders nodes for little memory: what a gradient needs is computed when the gradient is, each start of a gradient (a loss) is followed
 * back as far as possible before the next one, and the next one is the one that leaves least memory in use.
 */
export const schedule: Pass = (program) => {
  const reordered = { ...program, nodes: scheduled(program).map((i) => program.nodes[i]!) }
  return memoryUse(reordered).peakBytes < memoryUse(program).peakBytes ? reordered : program
}
