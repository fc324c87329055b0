import { parentPort, workerData } from "node:worker_threads"
import { type SessionModel, withPointers } from "../../compiler/tensorflow/saved-model.ts"
import type { Numbers } from "../engine.ts"
import { serve, wholeMemory } from "../serve.ts"
import { type BufferNumbers, emptyState, windowFault } from "../state.ts"
import { type Addon, loadAddon } from "./addon.ts"
import { gpuFault } from "./gpu.ts"
import { type Group, groupsOf } from "./groups.ts"
import { type LoadedModel, loadModel } from "./loaded-model.ts"
import type { Answers, Request, WorkerStart } from "./protocol.ts"

const start = workerData as WorkerStart
const specs = withPointers(start.buffers)
const shapes = new Map(
  Object.entries(specs).map(([name, { dtype, length }]) => [
    name,
    { length, constructor: dtype === "float32" ? Float32Array : Int32Array }
  ])
)
const groups = groupsOf(specs)
/** Buffers held in this thread, in whole groups; all others are in the variables of the loaded model. */
const here = emptyState(start.buffers)
/** Copies of the variables' values, until they change. */
const copies = new Map<string, BufferNumbers>()
let addon: Addon | undefined
let loaded: LoadedModel | undefined
/** Model to be loaded at the next run. */
let pending: SessionModel | undefined
let runSeconds = 0

/** Copies a group's buffers from TensorFlow. */
const fetched = (group: Group): ReadonlyMap<string, BufferNumbers> => {
  const state = new Map(
    group.map((name): [string, BufferNumbers] => {
      const { dtype, length } = specs[name]!
      return [name, dtype === "float32" ? new Float32Array(length) : new Int32Array(length)]
    })
  )
  loaded!.read(state)
  return state
}

/** Returns the group of a buffer. */
const groupOf = (name: string): Group => {
  const group = groups.find((names) => names.includes(name))
  if (!group) throw new Error(`there is no buffer '${name}'`)
  return group
}

/** Moves a group's buffers into this thread, to be changed. */
const bring = (group: Group): void => {
  if (here.has(group[0]!)) return
  for (const [name, numbers] of fetched(group)) here.set(name, numbers)
}

/** Returns a copy of a buffer; copies of its group are cached for the next requests. */
const copied = (name: string): BufferNumbers => {
  const group = groupOf(name)
  const known = here.get(name)
  if (known) return known.slice() as BufferNumbers
  if (!copies.has(name)) {
    copies.clear()
    for (const [member, numbers] of fetched(group)) copies.set(member, numbers)
  }
  const copy = copies.get(name)!
  copies.delete(name)
  return copy
}

/** Moves all buffers held in this thread into the model's variables. */
const moveIn = (model: LoadedModel): void => {
  for (const group of groups) {
    if (!here.has(group[0]!)) continue
    model.assign(new Map(group.map((name) => [name, here.get(name)!])))
    for (const name of group) here.delete(name)
  }
}

/** Replaces the loaded model by another; all state is in this thread at that time. */
const replaceModel = (model: SessionModel): LoadedModel => {
  for (const group of groups) bring(group)
  loaded?.release()
  loaded = undefined
  loaded = loadModel(addon!, model)
  pending = undefined
  return loaded
}

const handle = (request: Request): Answers[keyof Answers] => {
  switch (request.kind) {
    case "start": {
      addon ??= loadAddon(start.addon)
      if (start.device === "gpu" && !addon.isUsingGpuDevice()) throw new Error(gpuFault())
      return { tensorflow: addon.TF_Version }
    }
    case "run": {
      const started = performance.now()
      copies.clear()
      pending = request.model ?? pending
      const model = pending ? replaceModel(pending) : loaded!
      moveIn(model)
      const made = model.run(request.title, request.feeds)
      runSeconds += (performance.now() - started) / 1000
      return made
    }
    case "read":
      return copied(request.buffer)
    case "write": {
      const fault = windowFault(shapes, request.buffer, request.offset, request.numbers)
      if (fault !== undefined) throw new Error(fault)
      copies.clear()
      bring(groupOf(request.buffer))
      here.get(request.buffer)!.set(request.numbers, request.offset)
      return null
    }
    case "usage":
      return { peakBytes: process.resourceUsage().maxRSS * 1024, runSeconds }
    case "close":
      loaded?.release()
      loaded = undefined
      return null
  }
}

/** Returns the memory of an answer that can be transferred instead of copied. */
const handedOver = (request: Request, value: unknown): ArrayBuffer[] => {
  if (request.kind === "read") return wholeMemory([value as Numbers])
  return request.kind === "run" ? wholeMemory(Object.values(value as Answers["run"])) : []
}

serve(parentPort!, handle, handedOver)
