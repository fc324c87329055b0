import { imageFields, plainFields, valueJson } from "../data/sample-value.ts"
import type { RawSample } from "../data/source.ts"
import { digest, sha256 } from "../store/digest.ts"
import type { Fields } from "../tensor/field.ts"

/** Returns the SHA-256 of each image of a sample, in the order of the fields. */
export const imageDigests = (fields: Fields, raw: RawSample<Fields>): readonly string[] =>
  imageFields(fields).map((name) => sha256(raw[name] as Uint8Array))

/** Returns the digest of everything about a sample in a source, which with the settings determines its outcome. */
export const sampleInput = (fields: Fields, raw: RawSample<Fields>, digests = imageDigests(fields, raw)): string =>
  digest({
    id: raw.id,
    group: raw.group,
    ...Object.fromEntries(plainFields(fields).map((name) => [name, valueJson(raw[name])])),
    ...Object.fromEntries(imageFields(fields).map((name, n) => [name, digests[n]]))
  })

/** Returns that digest for a sample that the source could not read. */
export const failedInput = (id: string, reason: string): string => digest({ id, reason })

/** Returns that digest for a sample that is left out as another's duplicate. */
export const duplicateInput = (id: string, of: string): string => digest({ id, of })

/** Returns the digest of a shard's inputs: of each of its samples in turn, with its place in the source. */
export const shardInputs = (inputs: Iterable<readonly [index: number, input: string]>): string =>
  sha256(Array.from(inputs, ([index, input]) => `${index} ${input}\n`).join(""))
