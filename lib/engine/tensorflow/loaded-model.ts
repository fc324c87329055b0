import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sizeOf } from "../../compiler/program.ts"
import { type ElementType, elementTypes } from "../../compiler/tensorflow/graph.ts"
import { tag } from "../../compiler/tensorflow/messages.ts"
import type { BoundPort, SessionModel } from "../../compiler/tensorflow/saved-model.ts"
import type { NamedNumbers, Numbers } from "../engine.ts"
import type { BufferNumbers } from "../state.ts"
import type { Addon } from "./addon.ts"

/** A SavedModel in TensorFlow, with the state of its variables. */
export interface LoadedModel {
  /** Assigns the variables of some buffers; all variables must be assigned before a program runs. */
  readonly assign: (buffers: ReadonlyMap<string, BufferNumbers>) => void
  /** Copies the values of some buffers' variables into the buffers. */
  readonly read: (buffers: ReadonlyMap<string, BufferNumbers>) => void
  readonly run: (title: string, feeds: NamedNumbers) => NamedNumbers
  readonly release: () => void
}

/**
 * Places elements off TensorFlow's alignment of 16 to 64 bytes, so that it copies them immediately. Otherwise a variable would
 * share the memory, and release it on a TensorFlow thread, where the addon may not touch Node.
 */
const offAlignment = <A extends Numbers>(numbers: A, memory: (bytes: number) => ArrayBuffer): A => {
  const shifted = memory(numbers.byteLength + 4)
  const Copy = numbers.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => A
  const copy = new Copy(shifted, 4, numbers.length)
  copy.set(numbers)
  return copy
}

const newMemory = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes)

/** Returns an allocator that reuses the memory of each size: TensorFlow has copied its content before the next use. */
const sameMemory = (): ((bytes: number) => ArrayBuffer) => {
  const kept = new Map<number, ArrayBuffer>()
  return (bytes) => {
    const memory = kept.get(bytes) ?? newMemory(bytes)
    kept.set(bytes, memory)
    return memory
  }
}

/** Reinterprets the bits of integers as the float32 elements that variables hold. */
const asFloats = (numbers: BufferNumbers): Float32Array => new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length)

const noNumbers = (dtype: ElementType): Numbers =>
  dtype === "float32" ? new Float32Array() : dtype === "int32" ? new Int32Array() : new Uint8Array()

/** Loads a model from a temporary folder. Throws TensorFlow's error. */
const load = (addon: Addon, model: Uint8Array): number => {
  const folder = mkdtempSync(join(tmpdir(), "semmim-"))
  try {
    writeFileSync(join(folder, "saved_model.pb"), model)
    return addon.loadSavedModel(folder, tag)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Loads the model of a session. */
export const loadModel = (addon: Addon, { model, pieces, programs }: SessionModel): LoadedModel => {
  const id = load(addon, model)
  const feedMemory = sameMemory()
  const call = <A>(
    inputs: readonly { readonly tensor: string; readonly type: Pick<BoundPort, "shape" | "dtype">; readonly numbers: Numbers }[],
    outputs: readonly string[],
    take: (numbers: readonly Numbers[]) => A,
    memory = newMemory
  ): A => {
    const given: number[] = []
    const made: number[] = []
    try {
      for (const { type, numbers } of inputs)
        given.push(addon.createTensor(type.shape, elementTypes[type.dtype], offAlignment(numbers, memory)))
      const names = inputs.map(({ tensor }) => tensor).join(",")
      made.push(...addon.runSavedModel(id, given, names, outputs.join(",")).map((tensor) => tensor.id))
      return take(made.map((tensor) => addon.tensorDataSync(tensor)))
    } finally {
      for (const tensor of [...given, ...made]) addon.deleteTensor(tensor)
    }
  }
  /** Returns the variables of some buffers, and the positions of their elements in the buffers. */
  const variablesOf = (buffers: ReadonlyMap<string, BufferNumbers>) =>
    pieces.flatMap((piece) => {
      const { buffer, offset, length } = piece
      const numbers = buffers.get(buffer)
      return numbers ? [{ ...piece, numbers: asFloats(numbers).subarray(offset, offset + length) }] : []
    })
  return {
    assign: (buffers) => {
      const variables = variablesOf(buffers)
      const inputs = variables.map(({ given, length, numbers }) => ({
        tensor: given,
        type: { shape: [length], dtype: "float32" as const },
        numbers
      }))
      const written = variables.map((variable) => variable.written)
      if (inputs.length > 0) call(inputs, written, () => undefined)
    },
    read: (buffers) => {
      const variables = variablesOf(buffers)
      const names = variables.map((variable) => variable.read)
      if (names.length > 0)
        call([], names, (made) => {
          for (const [i, { numbers }] of variables.entries()) numbers.set(made[i]!)
        })
    },
    run: (title, feeds) => {
      const { feeds: fed, outputs, done } = programs[title]!
      const inputs = fed.map((port) => ({ tensor: port.tensor, type: port, numbers: feeds[port.name]! }))
      // An empty output is not fetched: with TensorFlow's own allocator it has no memory, and XLA ends the process.
      const full = outputs.filter(({ shape }) => sizeOf(shape) > 0)
      const empty = outputs.filter((port) => !full.includes(port)).map(({ name, dtype }) => [name, noNumbers(dtype)] as const)
      const names = full.length > 0 ? full.map(({ tensor }) => tensor) : [done]
      const named = (made: readonly Numbers[]) =>
        Object.fromEntries([...empty, ...full.map(({ name }, i) => [name, made[i]!] as const)])
      return call(inputs, names, named, feedMemory)
    },
    release: () => addon.deleteSavedModel(id)
  }
}
