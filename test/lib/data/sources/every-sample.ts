import { Effect } from "effect"
import type { Source } from "../../../../lib/data/source.ts"

/** All samples of a source, in its order. */
export const everySample = (source: Source) =>
  Effect.forEach(Array.from({ length: source.count }), (_, index) => source.sample(index))

/** Content of a file as text. */
export const contentOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
