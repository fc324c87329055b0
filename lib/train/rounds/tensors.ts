import type { BufferContents } from "../../model/initial.ts"
import type { Slot } from "../../model/layout.ts"
import { faultSentence, nameFaults } from "../../store/safetensors/name-faults.ts"
import { decode, encode } from "../../store/safetensors/safetensors.ts"
import { SafetensorsError } from "../../store/safetensors/safetensors-error.ts"
import type { StoredTensor } from "../../store/safetensors/stored-tensor.ts"

/** Encodes the parameters of a flat buffer, by name, as the bytes of a safetensors file. */
export const encodeSlots = (slots: readonly Slot[], buffer: Float32Array): Uint8Array =>
  encode(
    new Map(
      slots.map(({ name, offset, size, shape }): [string, StoredTensor] => [
        name,
        { dtype: "F32", shape, data: buffer.subarray(offset, offset + size) }
      ])
    )
  )

const shapesOf = (tensors: ReadonlyMap<string, StoredTensor>) =>
  Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))

const refuse = (file: string, reason: string) => new SafetensorsError({ file, reason })

/** Decodes such bytes to a flat buffer of `length` elements. Throws a `SafetensorsError` that names `what` and the mismatch. */
export const decodeSlots = (slots: readonly Slot[], length: number, bytes: Uint8Array, what: string): Float32Array => {
  const { tensors } = decode(bytes, what)
  const wanted = Object.fromEntries(slots.map(({ name, shape }) => [name, shape]))
  const fault = faultSentence(nameFaults(wanted, shapesOf(tensors)))
  if (fault !== undefined) throw refuse(what, fault)
  const buffer = new Float32Array(length)
  for (const { name, offset } of slots) {
    const tensor = tensors.get(name)!
    if (tensor.dtype !== "F32") throw refuse(what, `${name} is ${tensor.dtype}, expected F32`)
    buffer.set(tensor.data, offset)
  }
  return buffer
}

/** Encodes whole buffers by name, each flat, as the bytes of a safetensors file. */
export const encodeBuffers = (contents: BufferContents): Uint8Array =>
  encode(
    new Map(
      [...contents].map(([name, data]): [string, StoredTensor] => [
        name,
        data instanceof Float32Array ? { dtype: "F32", shape: [data.length], data } : { dtype: "I32", shape: [data.length], data }
      ])
    )
  )

/** Decodes such bytes to buffers, which must match those of `like` in name, type and length. Throws a `SafetensorsError`. */
export const decodeBuffers = (like: BufferContents, bytes: Uint8Array, what: string): BufferContents => {
  const { tensors } = decode(bytes, what)
  const wanted = Object.fromEntries([...like].map(([name, { length }]) => [name, [length]]))
  const fault = faultSentence(nameFaults(wanted, shapesOf(tensors)))
  if (fault !== undefined) throw refuse(what, fault)
  return new Map(
    [...like].map(([name, numbers]) => {
      const { dtype, data } = tensors.get(name)!
      const expected = numbers instanceof Float32Array ? "F32" : "I32"
      if (dtype !== expected) throw refuse(what, `${name} is ${dtype}, expected ${expected}`)
      return [name, data as Float32Array | Int32Array] // F32 or I32, as checked above
    })
  )
}
