import { type Fields, show, tensor, value } from "../tensor/field.ts"

/** The fields that every sample has: its name, and a number that it shares with the samples that are positives of it. */
export const sampleFields = { id: value<string>()("string"), group: tensor("int32") }
export type SampleFields = typeof sampleFields

/** The fields of an image-text pair beside those: `captions` are all of the image's texts. */
export const pairValues = {
  image: value<Uint8Array>()("bytes"),
  captions: value<readonly string[]>()("strings")
}
export type PairValues = typeof pairValues

/** All fields of an image-text pair. */
export const pairFields = { ...sampleFields, ...pairValues }
export type PairFields = typeof pairFields

/** Where samples come from: what `--data` can name (lib/data/open-source.ts), for training and, where there is one, held out. */
export interface SourceData<F extends Fields = PairValues> {
  readonly train: string
  readonly heldOut: string | null
  /** The fields of its samples beside `id` and `group`; absent for pairs. */
  readonly fields?: F
}

/** Whether two records have the same fields, in whatever order. */
export const sameFields = (a: Fields, b: Fields): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, field]) => Object.hasOwn(b, name) && show(b[name]!) === show(field))

/** Whether fields are those of image-text pairs. */
export const arePairs = (fields: Fields): boolean => sameFields(fields, pairValues)

/** The source of samples with some fields, e.g. `samples({ image: pairValues.image, label }, "flowers", "flowers-test")`. */
export const samples = <const F extends Fields>(fields: F, train: string, heldOut: string | null = null): SourceData<F> =>
  arePairs(fields) ? { train, heldOut } : { train, heldOut, fields }

/** A source of image-text pairs, and the one that is held out of training. */
export const pairs = (train: string, heldOut: string | null = null): SourceData => ({ train, heldOut })

/** The fields of a source's samples beside `id` and `group`. */
export const valuesOf = <F extends Fields>(source: SourceData<F>): F => source.fields ?? (pairValues as unknown as F)

/** The sentence about a field that no sample can have, or undefined. */
export const fieldNameFault = (fields: Fields): string | undefined => {
  const own = Object.keys(fields).find((name) => Object.hasOwn(sampleFields, name))
  if (own !== undefined) return `the source declares '${own}', which every sample has already`
  const odd = Object.keys(fields).find((name) => !/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name))
  return odd === undefined ? undefined : `the source declares '${odd}': a field's name is letters and digits, a letter first`
}
