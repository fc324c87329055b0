import { parentPort, workerData } from "node:worker_threads"
import { type SessionModel, withPointers } from "../../compiler/tensorflow/saved-model.ts"
import type { Numbers } from "../engine.ts"
import { serve, wholeMemory } from "../serve.ts"
import { type BufferNumbers, emptyState, windowFault } from "../state.ts"
import { type Addon, loadAddon } from "./addon.ts"
import { gpuFault } from "./gpu.ts"
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
/** Buffers that are here; all others are in the variables of the loaded model. */
const here = emptyState(start.buffers)
let addon: Addon | undefined
let loaded: LoadedModel | undefined
/** The model to be loaded at the next run. */
let pending: SessionModel | undefined
let runSeconds = 0

/** A buffer's numbers, brought here from TensorFlow where they are there; they stay there too. */
const numbersOf = (name: string): BufferNumbers => {
  const known = here.get(name)
  if (known) return known
  const spec = specs[name]
  if (!spec) throw new Error(`there is no buffer '${name}'`)
  const numbers = spec.dtype === "float32" ? new Float32Array(spec.length) : new Int32Array(spec.length)
  loaded!.read(name, numbers)
  return numbers
}

/** Moves all buffers that are here into the model's variables. */
const moveIn = (model: LoadedModel): void => {
  for (const [name, numbers] of here) {
    model.assign(name, numbers)
    here.delete(name)
  }
}

/** Loads a model in the place of the one before; all state is here then. */
const replaceModel = (model: SessionModel): LoadedModel => {
  for (const name of Object.keys(specs)) here.set(name, numbersOf(name))
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
      pending = request.model ?? pending
      const model = pending ? replaceModel(pending) : loaded!
      moveIn(model)
      const made = model.run(request.title, request.feeds)
      runSeconds += (performance.now() - started) / 1000
      return made
    }
    case "read": {
      const numbers = numbersOf(request.buffer)
      return here.has(request.buffer) ? (numbers.slice() as BufferNumbers) : numbers
    }
    case "write": {
      const fault = windowFault(shapes, request.buffer, request.offset, request.numbers)
      if (fault !== undefined) throw new Error(fault)
      const numbers = numbersOf(request.buffer)
      numbers.set(request.numbers, request.offset)
      here.set(request.buffer, numbers)
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

/** Memory of an answer that can be handed over instead of copied. */
const handedOver = (request: Request, value: unknown): ArrayBuffer[] => {
  if (request.kind === "read") return wholeMemory([value as Numbers])
  return request.kind === "run" ? wholeMemory(Object.values(value as Answers["run"])) : []
}

serve(parentPort!, handle, handedOver)
