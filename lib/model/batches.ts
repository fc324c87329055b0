import type { SampleValues } from "../data/host/host.ts"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import { emptyLike } from "./side.ts"

/** Returns one sample's values of a field. Throws where the host stages made none of that name. */
const numbersOf = (values: SampleValues, field: string): Numbers => {
  const numbers = values[field]
  if (numbers instanceof Float32Array || numbers instanceof Int32Array || numbers instanceof Uint8Array) return numbers
  throw new Error(`the host stages made no numbers for '${field}'`)
}

/** Stacks the fields of samples to rows. */
export const stack = (samples: readonly SampleValues[], fields: readonly string[]): NamedNumbers =>
  Object.fromEntries(
    fields.map((field): [string, Numbers] => {
      const first = numbersOf(samples[0]!, field)
      const rows = emptyLike(first, first.length * samples.length)
      for (const [i, values] of samples.entries()) rows.set(numbersOf(values, field), i * first.length)
      return [field, rows]
    })
  )

/** Pads rows to a full batch by repeating the last one: a program has one shape, and its results for the padding are dropped. */
export const padRows = (rows: NamedNumbers, count: number, batch: number): NamedNumbers =>
  count === batch
    ? rows
    : Object.fromEntries(
        Object.entries(rows).map(([name, numbers]): [string, Numbers] => {
          const width = numbers.length / count
          const padded = emptyLike(numbers, width * batch)
          padded.set(numbers)
          for (let row = count; row < batch; row++) padded.set(numbers.subarray((count - 1) * width, count * width), row * width)
          return [name, padded]
        })
      )

/** Returns the first rows of a batch. */
export const firstRows = (rows: NamedNumbers, count: number, batch: number): NamedNumbers =>
  Object.fromEntries(
    Object.entries(rows).map(([name, numbers]): [string, Numbers] => [
      name,
      numbers.subarray(0, (numbers.length / batch) * count)
    ])
  )
