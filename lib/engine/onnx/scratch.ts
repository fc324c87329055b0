import { alignedFloats } from "../state.ts"

/** Memory for intermediate tensors: one allocation for all programs of a worker, since only one runs at a time. */
export interface Scratch {
  /** Returns at least `length` elements; the same memory as before, as long as it is large enough. */
  readonly of: (length: number) => Float32Array
}

/** Creates scratch memory that grows to the size that the largest program needs. */
export const makeScratch = (): Scratch => {
  let memory = alignedFloats(0)
  return {
    of: (length) => {
      if (memory.length < length) memory = alignedFloats(length)
      return memory
    }
  }
}
