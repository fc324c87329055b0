import { memoryUse, overwriting } from "../memory.ts"
import type { Program } from "../program.ts"
import type { Pass } from "./rewrite.ts"
import { type ScheduleGraph, scheduleGraph } from "./schedule-graph.ts"

/** A partial schedule: the nodes run so far, and the waiting nodes and live values after them. */
interface Progress {
  readonly order: number[]
  readonly done: Uint8Array
  readonly waits: Int32Array
  readonly reads: Int32Array
  /** Eager nodes postponed until a node that reads them can run: their readers no longer wait for them. */
  readonly postponed: Uint8Array
  /** Eager nodes that may run, in the program's order. */
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
  postponed: p.postponed.slice(),
  ready: [...p.ready]
})

/** Inserts a number into an ascending list. */
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
  const before = p.alive
  for (const output of node.outputs) p.alive += graph.bytes[output]!
  const taken = p.alive - before
  let overwritten = 0
  const most = p.alive
  for (const input of node.inputs) {
    const memory = graph.owner[input]!
    if (--p.reads[memory]! > 0) continue
    p.alive -= graph.bytes[memory]!
    if (graph.bytes[memory] === taken && overwriting.has(node.op)) overwritten = taken
  }
  p.peak = Math.max(p.peak, most - overwritten)
  for (const output of node.outputs) if (graph.owner[output] === output && p.reads[output] === 0) p.alive -= graph.bytes[output]!
  if (!p.postponed[i]) wakeReaders(graph, p, i)
}

const wakeReaders = (graph: ScheduleGraph, p: Progress, i: number): void => {
  for (const reader of graph.readers[i]!)
    if (graph.eager[reader] && waitsFor(graph, reader, i) && --p.waits[reader]! === 0) insert(p.ready, reader)
}

/** Nodes whose results are smaller are never postponed. */
const smallBytes = 1 << 14

/**
 * True where running a node now would hold memory in vain: no reader could run after it, and what it reads stays in memory for
 * another reader that cannot run yet.
 */
const isPremature = (graph: ScheduleGraph, p: Progress, i: number): boolean => {
  const node = graph.program.nodes[i]!
  const readers = graph.readers[i]!
  if (readers.length === 0 || readers.some((reader) => !graph.eager[reader] || p.waits[reader]! <= 1)) return false
  if (node.outputs.reduce((sum, output) => sum + graph.bytes[output]!, 0) < smallBytes) return false
  const owners = new Set(node.inputs.map((input) => graph.owner[input]!).filter((memory) => graph.bytes[memory]! > 0))
  const waiting = (reader: number): boolean =>
    reader !== i && !p.done[reader] && graph.eager[reader] === 1 && p.waits[reader]! > 0
  return owners.size > 0 && [...owners].every((memory) => graph.memoryReaders[memory]!.some(waiting))
}

const isAfter = (graph: ScheduleGraph, i: number): boolean => graph.eager[i] === 1 && graph.after[i] === 1

/** True where an eager node waits for one of its sources; forward values that a gradient needs are made on demand instead. */
const waitsFor = (graph: ScheduleGraph, reader: number, source: number): boolean =>
  isAfter(graph, reader) ? isAfter(graph, source) : graph.program.nodes[source]!.op !== "Constant"

/** Runs a node after everything that it still needs, in the program's order. */
const runWithSources = (graph: ScheduleGraph, p: Progress, i: number): void => {
  const open = [i]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (!p.done[at]) {
      const missing = graph.sources[at]!.filter((j) => !p.done[j])
      if (missing.length === 0) runNode(graph, p, at)
      else open.push(at, ...missing.toReversed())
    }
  }
}

const runReady = (graph: ScheduleGraph, p: Progress): void => {
  for (let i = p.ready.shift(); i !== undefined; i = p.ready.shift()) {
    if (p.done[i] || p.postponed[i]) continue
    if (isPremature(graph, p, i)) {
      p.postponed[i] = 1
      wakeReaders(graph, p, i)
    } else runWithSources(graph, p, i)
  }
}

const afterSeed = (graph: ScheduleGraph, p: Progress, seed: number): Progress => {
  const next = copy(p)
  // starting points that need nothing more are run together with it
  for (
    let at: number | undefined = seed;
    at !== undefined;
    at = graph.seeds.find((i) => !next.done[i] && graph.sources[i]!.every((j) => next.done[j]))
  ) {
    runWithSources(graph, next, at)
    runReady(graph, next)
  }
  return next
}

/** A schedule in which some starting points of gradients have been followed to the end. */
interface Attempt {
  readonly progress: Progress
  readonly taken: ReadonlySet<number>
}

/** Number of attempts kept after each starting point; more than `mostTried` starting points are taken in the program's order. */
const kept = 20
const mostTried = 12

const better = (a: Attempt, b: Attempt): number => a.progress.peak - b.progress.peak || a.progress.alive - b.progress.alive

/** Selects the best of all attempts that have followed the same starting points, and among those the best few. */
const best = (attempts: readonly Attempt[]): readonly Attempt[] => {
  const sets = new Map<string, Attempt>()
  for (const attempt of attempts) {
    const key = [...attempt.taken].sort((a, b) => a - b).join()
    const known = sets.get(key)
    if (!known || better(attempt, known) < 0) sets.set(key, attempt)
  }
  return [...sets.values()].sort(better).slice(0, kept)
}

const attemptFrom = (graph: ScheduleGraph, progress: Progress): Attempt => ({
  progress,
  taken: new Set(graph.seeds.filter((seed) => progress.done[seed]))
})

/** Searches the orders of the gradients' starting points; returns the schedule with the lowest peak of memory. */
const followed = (graph: ScheduleGraph, start: Progress): Progress => {
  let attempts: readonly Attempt[] = [attemptFrom(graph, start)]
  const isOver = ({ taken }: Attempt): boolean => taken.size === graph.seeds.length
  while (!attempts.every(isOver))
    attempts = best(
      attempts.flatMap((attempt) => {
        if (isOver(attempt)) return [attempt]
        const left = graph.seeds.filter((seed) => !attempt.taken.has(seed))
        const tried = left.length > mostTried ? left.slice(0, 1) : left
        return tried.map((seed) => attemptFrom(graph, afterSeed(graph, attempt.progress, seed)))
      })
    )
  return attempts[0]!.progress
}

const scheduled = (program: Program): readonly number[] => {
  const graph = scheduleGraph(program)
  const start: Progress = {
    order: [],
    done: new Uint8Array(program.nodes.length),
    waits: graph.waits.slice(),
    reads: graph.reads.slice(),
    postponed: new Uint8Array(program.nodes.length),
    ready: [],
    alive: 0,
    peak: 0
  }
  for (const [i, node] of program.nodes.entries()) if (node.op === "Constant") runNode(graph, start, i)
  for (let i = 0; i < program.nodes.length; i++)
    if (graph.eager[i] && !graph.after[i] && graph.waits[i] === 0 && !start.done[i]) insert(start.ready, i)
  runReady(graph, start)
  const end = followed(graph, start)
  for (let i = 0; i < program.nodes.length; i++) if (!end.done[i]) runWithSources(graph, end, i)
  return end.order
}

/**
 * Orders nodes for low peak memory: what a gradient needs is computed when the gradient is, and each starting point of a gradient
 * (a loss) is followed as far as possible before the next one.
 */
export const schedule: Pass = (program) => {
  const reordered = { ...program, nodes: scheduled(program).map((i) => program.nodes[i]!) }
  const state = new Set(program.updates.map(({ value }) => value)) // has its own memory
  return memoryUse(reordered, state).peakBytes < memoryUse(program, state).peakBytes ? reordered : program
}
