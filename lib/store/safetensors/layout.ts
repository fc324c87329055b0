import { longestHeader, mostEntries } from "./header.ts"
import { SafetensorsError } from "./safetensors-error.ts"
import { elementCount, itemBytes, type StoredDtype } from "./stored-tensor.ts"

/** Dtype and shape of a tensor to be written. */
export interface TensorSpec {
  readonly dtype: StoredDtype
  readonly shape: ReadonlyArray<number>
}

/** Layout of a file to be written: its first bytes, and the tensors after them in order. */
export interface Layout {
  /** The header's length as 8 bytes, and the header, padded with spaces so that tensors start at a multiple of 8. */
  readonly prefix: Uint8Array<ArrayBuffer>
  readonly names: ReadonlyArray<string>
  readonly dataBytes: number
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Lays out tensors: wider dtypes first, so that each tensor is aligned to its elements, and by name within a width. The same
 * tensors give the same bytes whatever the order of the map. Throws a `SafetensorsError` with `file` and the invalid tensor.
 */
export const layOut = (tensors: ReadonlyMap<string, TensorSpec>, metadata: ReadonlyMap<string, string>, file: string): Layout => {
  const refuse = (reason: string): SafetensorsError => new SafetensorsError({ file, reason })
  for (const entries of [tensors, metadata]) {
    if (entries.size > mostEntries) throw refuse(`${entries.size} entries are more than ${mostEntries}`)
  }
  const texts = [...metadata].sort(([a], [b]) => byName(a, b))
  for (const text of [...tensors.keys(), ...texts.flat()]) {
    if (!text.isWellFormed()) throw refuse(`the text ${JSON.stringify(text)} is not well-formed Unicode`)
  }
  const members =
    texts.length === 0
      ? []
      : [`"__metadata__":{${texts.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`).join(",")}}`]
  const ordered = [...tensors].sort(([a, x], [b, y]) => itemBytes[y.dtype] - itemBytes[x.dtype] || byName(a, b))
  let end = 0
  for (const [name, { dtype, shape }] of ordered) {
    if (name === "__metadata__") throw refuse("no tensor may be called __metadata__")
    const count = elementCount(shape)
    if (count === undefined) throw refuse(`tensor ${JSON.stringify(name)} has the impossible shape [${shape.join()}]`)
    const start = end
    end += count * itemBytes[dtype]
    if (!Number.isSafeInteger(end)) throw refuse(`tensor ${JSON.stringify(name)} ends beyond 2^53 bytes`)
    members.push(`${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join()}],"data_offsets":[${start},${end}]}`)
  }
  const header = new TextEncoder().encode(`{${members.join(",")}}`)
  const length = Math.ceil(header.length / 8) * 8
  if (length > longestHeader) throw refuse(`the header of ${length} bytes is longer than ${longestHeader}`)
  const prefix = new Uint8Array(8 + length).fill(" ".charCodeAt(0))
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true)
  prefix.set(header, 8)
  return { prefix, names: ordered.map(([name]) => name), dataBytes: end }
}
