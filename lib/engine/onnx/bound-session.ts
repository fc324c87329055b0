import { InferenceSession, Tensor } from "onnxruntime-node"
import { type BufferSpec, sizeOf, type ValueType } from "../../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine.ts"
import { type BufferNumbers, enqueue } from "../state.ts"
import type { BoundProgram, BoundUpdate } from "./protocol.ts"

/** A program loaded into ONNX Runtime, its state inputs and updates bound to the state's memory. */
export interface BoundSession {
  /** Runs once; results that leave are arrays of their own. */
  readonly run: (feeds: NamedNumbers) => Promise<NamedNumbers>
  readonly release: () => Promise<void>
}

type State = ReadonlyMap<string, BufferNumbers>
type Replace = Extract<BoundUpdate, { kind: "replace" }>

const tensor = (numbers: Numbers, { dtype, shape }: ValueType): Tensor => new Tensor(dtype, numbers, [...shape]) as Tensor

const windowOf = (state: State, buffer: string, offset: number, shape: readonly number[]): BufferNumbers =>
  state.get(buffer)!.subarray(offset, offset + sizeOf(shape)) as BufferNumbers

/** Where ONNX Runtime is told to write an update: over the old numbers, or beside them until the run is over. */
const target = (state: State, update: Replace): Tensor => {
  const window = windowOf(state, update.buffer, update.offset, update.type.shape)
  return tensor(update.inPlace ? window : (window.slice() as BufferNumbers), update.type)
}

const options = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "disabled",
  logSeverityLevel: 3
})

/** Loads a program; its windows of the state are made into tensors once. */
export const bindSession = async (
  program: BoundProgram,
  state: State,
  buffers: { readonly [name: string]: BufferSpec },
  threads: number
): Promise<BoundSession> => {
  const session = await InferenceSession.create(program.model, options(threads))
  const stateFeeds: { [name: string]: Tensor } = {}
  for (const input of program.inputs)
    if (!("feed" in input.source))
      stateFeeds[input.modelName] = tensor(windowOf(state, input.source.buffer, input.source.offset, input.shape), input)
  const fed = program.inputs.filter(({ source }) => "feed" in source)
  const replaced = program.updates.filter((update) => update.kind === "replace")
  const fetches: { [name: string]: Tensor | null } = {}
  for (const { modelName } of [...program.outputs, ...program.updates]) fetches[modelName] = null
  for (const update of replaced)
    if (!fetches[update.modelName] || update.inPlace) fetches[update.modelName] = target(state, update)
  const update = (results: InferenceSession.OnnxValueMapType): void => {
    const numbers = (name: string): Numbers => (fetches[name] ?? results[name])!.data as Numbers
    for (const one of program.updates)
      if (one.kind === "enqueue") enqueue(state, one.buffer, buffers[one.buffer]!, numbers(one.modelName))
      else if (!one.inPlace) state.get(one.buffer)!.set(numbers(one.modelName), one.offset)
  }
  return {
    run: async (feeds) => {
      const given = { ...stateFeeds }
      for (const input of fed) given[input.modelName] = tensor(feeds[input.name]!, input)
      const results = await session.run(given, fetches)
      const outputs = Object.fromEntries(
        program.outputs.map(({ name, modelName }) => {
          const kept = fetches[modelName]
          return [name, (kept ? kept.data.slice() : results[modelName]!.data) as Numbers]
        })
      )
      update(results)
      return outputs
    },
    release: () => session.release()
  }
}
