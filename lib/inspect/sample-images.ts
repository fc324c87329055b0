import { Effect } from "effect"
import type { ImageLimits } from "../data/image-guard.ts"
import type { Source } from "../data/source.ts"
import { thumbnail } from "../html/thumbnail.ts"
import { derive, key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"
import type { ShownSample } from "./inspection.ts"
import { look } from "./look.ts"

const shown = 12
/** Samples that are tried for those, where some cannot be shown. */
const tried = 48
/** Captions of an image that are shown, and the characters of each. */
const captionsShown = 5
const longest = 300

/** Cut for display, never within a character, without control characters. */
const cut = (text: string): string => {
  const plain = text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .trim()
  return plain.length > longest ? `${[...plain.slice(0, longest)].slice(0, -1).join("")}…` : plain
}

/** Twelve samples drawn at random, always the same of a source, as small images; those that cannot be shown are passed over. */
export const sampleImages = Effect.fn("inspect.sampleImages")(function* (source: Source, limits: ImageLimits) {
  const place = permutation(derive(key(0), "inspect", "samples"), source.count)
  const samples: ShownSample[] = []
  for (let i = 0; i < Math.min(tried, source.count) && samples.length < shown; i++) {
    const index = place(i)
    const sample = yield* Effect.gen(function* () {
      const { image, captions } = yield* source.sample(index)
      const { format, width, height } = yield* look(source, index, limits, false)
      const uri = yield* thumbnail(image, false)
      if (uri === undefined) return undefined
      const texts = captions.slice(0, captionsShown).map(cut)
      return { id: source.id(index), captions: texts, format, width, height, image: uri } satisfies ShownSample
    }).pipe(Effect.orElseSucceed(() => undefined))
    if (sample) samples.push(sample)
  }
  return samples
})
