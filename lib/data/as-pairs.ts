import { Effect } from "effect"
import { pairValues } from "../pipeline/samples.ts"
import type { Fields } from "../tensor/field.ts"
import { valueTexts } from "./sample-value.ts"
import { fieldsOf, type RawSample, type Source, typedSource } from "./source.ts"

/** A source as pairs, and which fields of a pair its samples have: the other one is empty. */
export interface PairSides {
  readonly source: Source
  readonly hasImages: boolean
  readonly hasTexts: boolean
}

const noImage = new Uint8Array()

/**
 * Returns the samples of any source as pairs: `captions`, or `text` as the one caption, and no bytes or no captions where a field
 * is missing.
 */
export const asPairs = (source: Source<Fields>): PairSides => {
  const fields = fieldsOf(source)
  const has = (name: string) => Object.hasOwn(fields, name)
  const texts = has("captions") ? "captions" : "text"
  const sides = { hasImages: has("image"), hasTexts: has(texts) }
  if (sides.hasImages && has("captions")) return { ...sides, source: typedSource(source) }
  const pairOf = (sample: RawSample<Fields>): RawSample => ({
    id: sample.id,
    group: sample.group,
    image: (sample["image"] as Uint8Array | undefined) ?? noImage,
    captions: valueTexts(sample[texts])
  })
  const { fields: _, ...rest } = source
  const pairs: Source = {
    ...rest,
    fields: pairValues,
    // Samples without an image are not of one image.
    ...(sides.hasImages ? {} : { groupBy: "sample" }),
    texts: (index, field) => (field === "captions" ? source.texts(index, texts) : Effect.succeed([])),
    sample: (index) => Effect.map(source.sample(index), pairOf)
  }
  return { ...sides, source: pairs }
}
