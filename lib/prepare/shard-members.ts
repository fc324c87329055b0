import { valueJson } from "../data/sample-value.ts"
import type { TarFile } from "../data/tar/write-tar.ts"
import { type KeptImage, type KeptSample, keyOf, textsOf } from "./outcome.ts"

/** The members of a sample in its shard, in their order. */
export interface SampleMembers {
  readonly images: readonly TarFile[]
  readonly text: TarFile | undefined
  readonly json: TarFile
}

const sizesOf = ({ image, original, sha256 }: KeptImage) => ({
  width: image.width,
  height: image.height,
  original_width: original.width,
  original_height: original.height,
  sha256
})

const jsonOf = (values: KeptSample["values"]): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueJson(value)]))

/**
 * Returns the members of a sample in its shard, named KEY.jpg (or .png, .webp: as stored), KEY.FIELD.jpg for further images,
 * KEY.txt (its first text) and KEY.json: id, group, captions, other values in `fields`, tokens by the identity of their stage,
 * sizes in pixels and SHA-256 of the first image's original and, in `images`, of the others', and the index in the source.
 */
export const sampleMembers = (sample: KeptSample): SampleMembers => {
  const { index, id, group, values, images, kept } = sample
  const key = keyOf(index)
  const { captions, ...others } = values
  const [first, ...more] = images
  const { sha256 = undefined, ...sizes } = first ? sizesOf(first) : {}
  const said = {
    key,
    id,
    group,
    ...(captions === undefined ? {} : { captions }),
    ...(Object.keys(others).length > 0 ? { fields: jsonOf(others) } : {}),
    ...(Object.keys(kept).length > 0 ? { tokens: kept } : {}),
    ...sizes,
    ...(more.length > 0 ? { images: Object.fromEntries(more.map((each) => [each.field, sizesOf(each)])) } : {}),
    ...(sha256 === undefined ? {} : { sha256 }),
    index
  }
  const bytes = (text: string) => new TextEncoder().encode(text)
  const [text] = textsOf(sample)
  return {
    images: images.map(({ field, image }, n) => ({
      name: `${key}.${n === 0 ? "" : `${field}.`}${image.ending}`,
      bytes: image.bytes
    })),
    text: text === undefined ? undefined : { name: `${key}.txt`, bytes: bytes(text) },
    json: { name: `${key}.json`, bytes: bytes(JSON.stringify(said)) }
  }
}
