import { type Fields, show, tensor, value } from "../tensor/field.ts"

/** Fields of every sample: its id, and a number that it shares with its positives. */
export const sampleFields = { id: value<string>()("string"), group: tensor("int32") }
export type SampleFields = typeof sampleFields

/** Further fields of an image-text pair: `captions` are all of the image's texts. */
export const pairValues = {
  image: value<Uint8Array>()("bytes"),
  captions: value<readonly string[]>()("strings")
}
export type PairValues = typeof pairValues

/** All fields of an image-text pair. */
export const pairFields = { ...sampleFields, ...pairValues }
export type PairFields = typeof pairFields

/** Location of samples, as in `--data` (lib/data/open-source.ts): training data and, where there are any, held-out data. */
export interface SourceData<F extends Fields = PairValues> {
  readonly train: string
  readonly heldOut: string | null
  /** Fields of its samples besides `id` and `group`; absent for pairs. */
  readonly fields?: F
}

/** True where two records have the same fields, in any order. */
export const sameFields = (a: Fields, b: Fields): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, field]) => Object.hasOwn(b, name) && show(b[name]!) === show(field))

/** True where fields are those of image-text pairs. */
export const arePairs = (fields: Fields): boolean => sameFields(fields, pairValues)

/**
 * Creates a source of samples with given fields, e.g. `samples({ image: pairValues.image, label }, "flowers", "flowers-test")`.
 */
export const samples = <const F extends Fields>(fields: F, train: string, heldOut: string | null = null): SourceData<F> =>
  arePairs(fields) ? { train, heldOut } : { train, heldOut, fields }

/** Creates a source of image-text pairs, with an optional held-out source. */
export const pairs = (train: string, heldOut: string | null = null): SourceData => ({ train, heldOut })

/** Returns the fields of a source's samples besides `id` and `group`. */
export const valuesOf = <F extends Fields>(source: SourceData<F>): F => source.fields ?? (pairValues as unknown as F)

/** Returns the message about a field that no sample can have, or undefined. */
export const fieldNameFault = (fields: Fields): string | undefined => {
  const own = Object.keys(fields).find((name) => Object.hasOwn(sampleFields, name))
  if (own !== undefined) return `the source declares '${own}', which every sample has already`
  const odd = Object.keys(fields).find((name) => !/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name))
  return odd === undefined ? undefined : `the source declares '${odd}': a field's name is letters and digits, a letter first`
}
