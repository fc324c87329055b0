import { parentPort, workerData } from "node:worker_threads"
import type { Numbers } from "../engine.ts"
import { serve, wholeMemory } from "../serve.ts"
import { emptyState, windowFault } from "../state.ts"
import { type BoundSession, bindSession } from "./bound-session.ts"
import { loadGraph } from "./load-graph.ts"
import { probeKernels } from "./probe.ts"
import type { Answers, Request, WorkerStart } from "./protocol.ts"
import { makeScratch } from "./scratch.ts"

const { buffers, threads } = workerData as WorkerStart
const state = emptyState(buffers)
const scratch = makeScratch()
const sessions = new Map<string, BoundSession>()
let runSeconds = 0

const stateBuffer = (name: string): Float32Array | Int32Array => {
  const numbers = state.get(name)
  if (!numbers) throw new Error(`there is no buffer '${name}'`)
  return numbers
}

const timed = async <A>(f: () => Promise<A>): Promise<A> => {
  const started = performance.now()
  try {
    return await f()
  } finally {
    runSeconds += (performance.now() - started) / 1000
  }
}

const handle = async (request: Request): Promise<Answers[keyof Answers]> => {
  switch (request.kind) {
    case "probe":
      return probeKernels(loadGraph(threads))
    case "compile":
      await sessions.get(request.program.title)?.release()
      sessions.set(request.program.title, await bindSession(request.program, { state, buffers, threads, scratch }))
      return null
    case "run":
      return timed(() => sessions.get(request.title)!.run(request.feeds))
    case "read":
      return stateBuffer(request.buffer).slice()
    case "write": {
      const fault = windowFault(state, request.buffer, request.offset, request.numbers)
      if (fault !== undefined) throw new Error(fault)
      stateBuffer(request.buffer).set(request.numbers, request.offset)
      return null
    }
    case "usage":
      return { peakBytes: process.resourceUsage().maxRSS * 1024, runSeconds }
    case "close":
      for (const session of sessions.values()) await session.release()
      sessions.clear()
      return null
  }
}

/** Returns the memory of an answer that can be transferred instead of copied. */
const handedOver = (request: Request, value: unknown): ArrayBuffer[] => {
  if (value === null || request.kind === "usage" || request.kind === "probe") return []
  return wholeMemory(request.kind === "read" ? [value as Numbers] : Object.values(value as Answers["run"]))
}

serve(parentPort!, handle, handedOver)
