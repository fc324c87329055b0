import type { RawSample } from "../data/source.ts"
import { digest, sha256 } from "../store/digest.ts"

/** The digest of all that a source says of a sample: with the settings, what becomes of it is a function of this. */
export const sampleInput = ({ id, group, captions, image }: RawSample, imageDigest = sha256(image)): string =>
  digest({ id, group, captions, image: imageDigest })

/** The same for a sample that the source could not read. */
export const failedInput = (id: string, reason: string): string => digest({ id, reason })

/** The same for a sample that is left out as another's duplicate. */
export const duplicateInput = (id: string, of: string): string => digest({ id, of })

/** The digest of a shard's inputs: of each of its samples in turn, with its place in the source. */
export const shardInputs = (inputs: Iterable<readonly [index: number, input: string]>): string =>
  sha256(Array.from(inputs, ([index, input]) => `${index} ${input}\n`).join(""))
