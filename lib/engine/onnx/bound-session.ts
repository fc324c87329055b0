import { InferenceSession, Tensor } from "onnxruntime-node"
import { endName } from "../../compiler/onnx/end.ts"
import { type BufferSpec, sizeOf, type ValueType } from "../../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine.ts"
import { type BufferNumbers, enqueue } from "../state.ts"
import type { BoundInput, BoundProgram, BoundUpdate } from "./protocol.ts"
import type { Scratch } from "./scratch.ts"
import { sessionOptions } from "./session-options.ts"

/** A program loaded into ONNX Runtime, its state inputs and updates bound to the state's memory. */
export interface BoundSession {
  /** Runs once; outputs are returned in arrays of their own. */
  readonly run: (feeds: NamedNumbers) => Promise<NamedNumbers>
  readonly release: () => Promise<void>
}

type State = ReadonlyMap<string, BufferNumbers>
type Replace = Extract<BoundUpdate, { kind: "replace" }>

const tensor = (numbers: Numbers, { dtype, shape }: ValueType): Tensor => new Tensor(dtype, numbers, [...shape]) as Tensor

const fedTensor = (numbers: Numbers, input: BoundInput): Tensor =>
  "feed" in input.source && input.source.bytes
    ? (new Tensor("uint8", numbers as Uint8Array, [...input.shape]) as Tensor)
    : tensor(numbers, input)

const windowOf = (state: State, buffer: string, offset: number, shape: readonly number[]): BufferNumbers =>
  state.get(buffer)!.subarray(offset, offset + sizeOf(shape)) as BufferNumbers

const empty = ({ dtype, shape }: ValueType): Numbers => {
  const size = sizeOf(shape)
  return dtype === "float32" ? new Float32Array(size) : dtype === "int32" ? new Int32Array(size) : new Uint8Array(size)
}

/**
 * Returns the tensor that ONNX Runtime writes an update to: the old elements themselves, or a separate buffer until the run has
 * ended.
 */
const target = (state: State, update: Replace): Tensor => {
  const window = windowOf(state, update.buffer, update.offset, update.type.shape)
  return tensor(update.inPlace ? window : (window.slice() as BufferNumbers), update.type)
}

/** The internal handler of an onnxruntime-common session. */
interface Handler {
  readonly run: (feeds: Tensors, fetches: Fetches, options: object) => Promise<unknown>
}
interface Tensors {
  readonly [name: string]: Tensor
}
interface Fetches {
  readonly [name: string]: Tensor | null
}

const stopped = "Non tensor type is temporarily not supported."

/**
 * Runs a model so that all results are written to the tensors of `fetches`, without copies. onnxruntime-node 1.30 copies every
 * fetched tensor once more after the run, in the order of the model's outputs; the first one is a sequence, which it cannot copy:
 * it stops with this one error, when the run is complete. The handler is called directly, since the session's own checks take
 * time quadratic in the number of outputs.
 */
const runInto = async (session: InferenceSession, feeds: Tensors, fetches: Fetches): Promise<void> => {
  try {
    await (session as unknown as { readonly handler: Handler }).handler.run(feeds, fetches, {})
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(stopped))) throw error
  }
}

/** Resources that the programs of a worker share. */
export interface HostContext {
  readonly state: State
  readonly buffers: { readonly [name: string]: BufferSpec }
  readonly threads: number
  readonly scratch: Scratch
}

/** Loads a program; the tensors of its windows of the state are created once. */
export const bindSession = async (
  program: BoundProgram,
  { state, buffers, threads, scratch }: HostContext
): Promise<BoundSession> => {
  const session = await InferenceSession.create(program.model, sessionOptions(threads))
  const stateFeeds: { [name: string]: Tensor } = {}
  for (const input of program.inputs)
    if (!("feed" in input.source))
      stateFeeds[input.modelName] = tensor(windowOf(state, input.source.buffer, input.source.offset, input.shape), input)
  const fed = program.inputs.filter(({ source }) => "feed" in source)
  const replaced = program.updates.filter((update) => update.kind === "replace")
  const fetches: { [name: string]: Tensor | null } = { [endName]: null }
  for (const { modelName, type } of program.outputs) fetches[modelName] = tensor(empty(type), type)
  for (const one of program.updates) if (one.kind === "enqueue") fetches[one.modelName] = tensor(empty(one.type), one.type)
  for (const update of replaced)
    if (!fetches[update.modelName] || update.inPlace) fetches[update.modelName] = target(state, update)
  const numbers = (name: string): Numbers => fetches[name]!.data as Numbers
  let placedIn: Float32Array | undefined
  /** Binds the intermediate tensors to the scratch memory, again whenever it has grown for another program. */
  const place = (): void => {
    const memory = scratch.of(program.scratch.length)
    if (memory === placedIn) return
    placedIn = memory
    for (const { modelName, type, offset } of program.scratch.tensors)
      fetches[modelName] = tensor(memory.subarray(offset, offset + sizeOf(type.shape)), type)
  }
  return {
    run: async (feeds) => {
      place()
      const given = { ...stateFeeds }
      for (const input of fed) given[input.modelName] = fedTensor(feeds[input.name]!, input)
      await runInto(session, given, fetches)
      const outputs = Object.fromEntries(program.outputs.map(({ name, modelName }) => [name, numbers(modelName).slice()]))
      for (const one of program.updates)
        if (one.kind === "enqueue") enqueue(state, one.buffer, buffers[one.buffer]!, numbers(one.modelName))
        else if (!one.inPlace) state.get(one.buffer)!.set(numbers(one.modelName), one.offset)
      return outputs
    },
    release: () => session.release()
  }
}
