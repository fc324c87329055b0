import type { Blocks } from "../../random/block-order.ts"

/**
 * Blocks of samples that are read together: one for each file, files of more than `most` bytes in equal parts. `starts` has each file's
 * first sample, and last the number of samples; files without a sample have no block.
 */
export const cuts = (starts: ArrayLike<number>, bytes: readonly number[], most: number, window: number): Blocks => {
  const found: number[] = []
  bytes.forEach((size, file) => {
    const samples = starts[file + 1]! - starts[file]!
    const parts = Math.max(1, Math.min(samples, Math.ceil(size / most)))
    for (let part = 0; part < parts && samples > 0; part++) found.push(starts[file]! + Math.floor((samples * part) / parts))
  })
  return { starts: Float64Array.from([...found, starts[bytes.length]!]), window }
}
