import { resampleModule } from "./resample-module.ts"

/** A WebAssembly memory: TypeScript has its types in the browser's library alone. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}

/** Exports of resample.as.ts; the arguments are named there. */
interface ResampleKernel {
  readonly memory: KernelMemory
  readonly resample: (...places: readonly number[]) => void
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: ResampleKernel }
}

let kernel: ResampleKernel | undefined

/** Returns the compiled passes, one instance per thread; nothing in its memory outlives a call. */
export const resampleKernel = (): ResampleKernel => {
  kernel ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(resampleModule, "base64"))).exports
  return kernel
}

const page = 65536
/** Bytes that the passes may read or write past the end of any buffer. */
const slack = 64

/** Returns the offsets of consecutive buffers of the given lengths in bytes, in a memory that is grown to hold them all. */
export const placesFor = <const L extends readonly number[]>(
  memory: KernelMemory,
  lengths: L
): { readonly [P in keyof L]: number } => {
  let end = slack
  const places = lengths.map((length) => {
    const place = end
    end += Math.ceil(length / 16) * 16 + slack
    return place
  })
  const missing = end - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / page))
  return places as { readonly [P in keyof L]: number } // one for each
}
