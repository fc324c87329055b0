import fc from "fast-check"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"

const shape = fc.array(fc.nat(4), { maxLength: 4 })

const filled = <T>(sizes: ReadonlyArray<number>, item: fc.Arbitrary<T>): fc.Arbitrary<Array<T>> => {
  const count = sizes.reduce((product, size) => product * size, 1)
  return fc.array(item, { minLength: count, maxLength: count })
}

/** Tensors of every type that is kept in memory, of rank up to 4, scalars and empty ones included. */
export const anyTensor: fc.Arbitrary<StoredTensor> = shape.chain((sizes) =>
  fc.oneof<Array<fc.Arbitrary<StoredTensor>>>(
    filled(sizes, fc.float()).map((data) => ({ dtype: "F32", shape: sizes, data: Float32Array.from(data) })),
    filled(sizes, fc.integer()).map((data) => ({ dtype: "I32", shape: sizes, data: Int32Array.from(data) })),
    filled(sizes, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((data) => ({
      dtype: "I64",
      shape: sizes,
      data: BigInt64Array.from(data)
    })),
    filled(sizes, fc.nat(255)).map((data) => ({ dtype: "U8", shape: sizes, data: Uint8Array.from(data) })),
    filled(sizes, fc.nat(1)).map((data) => ({ dtype: "BOOL", shape: sizes, data: Uint8Array.from(data) }))
  )
)

const name = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("__proto__", "constructor", "0", "", "vit.encoder.layer.0.attention.output.dense.weight")
)

/** Up to eight tensors, by names of any text, those that are awkward as keys included. */
export const anyTensors: fc.Arbitrary<Map<string, StoredTensor>> = fc
  .uniqueArray(fc.tuple(name, anyTensor), { maxLength: 8, selector: ([text]) => text })
  .map((entries) => new Map(entries))

/** Texts about a file. */
export const anyMetadata: fc.Arbitrary<Map<string, string>> = fc
  .uniqueArray(fc.tuple(name, fc.string({ unit: "grapheme" })), { maxLength: 4, selector: ([text]) => text })
  .map((entries) => new Map(entries))

/** The bytes of a file made of a header's text, as it is, and data. */
export const handMade = (header: string | Uint8Array, data: ReadonlyArray<number> = [], length?: bigint): Uint8Array => {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header
  const out = new Uint8Array(8 + text.length + data.length)
  new DataView(out.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  out.set(text, 8)
  out.set(data, 8 + text.length)
  return out
}
