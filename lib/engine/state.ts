import { type BufferSpec, type Program, pointerOf, type Source, sizeOf, type ValueType } from "../compiler/program.ts"
import type { Numbers } from "./engine.ts"

/** Elements of one state buffer. */
export type BufferNumbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>

/**
 * Allocates zeros that begin at a cache line where they are many: glibc, the usual C library, begins a large block 16 bytes after
 * one. Vector instructions that straddle two lines take twice as long (3 % of a training step).
 */
export const alignedFloats = (length: number): Float32Array<ArrayBuffer> => new Float32Array(length + 12).subarray(12)

/** Allocates all state buffers, zeroed, with an int32[1] pointer beside each ring. */
export const emptyState = (buffers: { readonly [name: string]: BufferSpec }): Map<string, BufferNumbers> => {
  const state = new Map<string, BufferNumbers>()
  for (const [name, { dtype, length, ring }] of Object.entries(buffers)) {
    state.set(name, dtype === "float32" ? alignedFloats(length) : new Int32Array(length))
    if (ring) state.set(pointerOf(name), new Int32Array(1))
  }
  return state
}

/** Writes rows into a ring at its pointer, wrapping at its end, and advances the pointer. */
export const enqueue = (state: ReadonlyMap<string, BufferNumbers>, name: string, spec: BufferSpec, rows: Numbers): void => {
  const ring = spec.ring!
  const numbers = state.get(name)!
  const pointer = state.get(pointerOf(name))!
  const at = pointer[0]! * ring.width
  const fitting = Math.min(rows.length, numbers.length - at)
  numbers.set(rows.subarray(0, fitting), at)
  numbers.set(rows.subarray(fitting), 0)
  pointer[0] = (pointer[0]! + rows.length / ring.width) % ring.rows
}

/** Returns the error in writing a window of a buffer; undefined where there is none. */
export const windowFault = (
  state: ReadonlyMap<string, { readonly length: number; readonly constructor: { readonly name: string } }>,
  name: string,
  offset: number,
  given: Numbers
): string | undefined => {
  const numbers = state.get(name)
  if (!numbers) return `there is no buffer '${name}'`
  if (numbers.constructor !== given.constructor)
    return `buffer '${name}' is a ${numbers.constructor.name}, not a ${given.constructor.name}`
  return offset < 0 || offset + given.length > numbers.length
    ? `numbers ${offset} to ${offset + given.length} are outside buffer '${name}' of ${numbers.length}`
    : undefined
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, bytes: Uint8Array } satisfies {
  readonly [D in ValueType["dtype"] | "bytes"]: unknown
}

const isBytes = (source: Source): boolean => "feed" in source && source.bytes === true

/** Converts a feed for an engine that takes no bytes: to float32 where that is the program's dtype. */
export const widened = (source: Source, given: Numbers): Numbers => (isBytes(source) ? Float32Array.from(given) : given)

/**
 * Returns the error in the feeds of a program; undefined where there is none. Feeds that the program does not use are ignored: a
 * pass may have dropped their input.
 */
export const feedsFault = (program: Program, feeds: { readonly [name: string]: Numbers }): string | undefined => {
  const fed = program.inputs.filter(({ source }) => "feed" in source)
  for (const { name, value, source } of fed) {
    const { shape, dtype } = program.values[value]!
    const given = feeds[name]
    if (!given) return `input '${name}' is not fed`
    const kind = isBytes(source) ? "bytes" : dtype
    if (!(given instanceof arrays[kind])) return `input '${name}' is ${kind}, but a ${(given as object).constructor.name} was fed`
    if (given.length !== sizeOf(shape))
      return `input '${name}' takes ${sizeOf(shape)} numbers [${shape.join(", ")}], but ${given.length} were fed`
  }
  return undefined
}
