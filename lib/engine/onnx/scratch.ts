import { alignedFloats } from "../state.ts"

/** Memory for results inside programs: one stretch for all programs of a worker, since only one runs at a time. */
export interface Scratch {
  /** At least so many numbers; the same ones as before, as long as they are enough. */
  readonly of: (length: number) => Float32Array
}

/** Scratch memory that grows to what the largest program needs. */
export const makeScratch = (): Scratch => {
  let memory = alignedFloats(0)
  return {
    of: (length) => {
      if (memory.length < length) memory = alignedFloats(length)
      return memory
    }
  }
}
