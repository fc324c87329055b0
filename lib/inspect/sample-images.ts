import { Effect } from "effect"
import type { ImageLimits } from "../data/image-guard.ts"
import { imageFields } from "../data/sample-value.ts"
import { fieldsOf, type Source } from "../data/source.ts"
import { thumbnail } from "../html/thumbnail.ts"
import { derive, key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"
import type { Fields } from "../tensor/field.ts"
import type { ShownSample } from "./inspection.ts"
import { look } from "./look.ts"

const shown = 12
/** Maximum number of samples tried to find those, where some cannot be shown. */
const tried = 48
/** Number of captions of an image that are shown, and of characters of each. */
const captionsShown = 5
const longest = 300

/** Shortens a text for display, never within a character, without control characters. */
const cut = (text: string): string => {
  const plain = text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .trim()
  return plain.length > longest ? `${[...plain.slice(0, longest)].slice(0, -1).join("")}…` : plain
}

/**
 * Returns twelve samples drawn at random, the same ones of a source every time, as small images; those that cannot be shown are
 * skipped.
 */
export const sampleImages = Effect.fn("inspect.sampleImages")(function* (source: Source<Fields>, limits: ImageLimits) {
  const place = permutation(derive(key(0), "inspect", "samples"), source.count)
  const samples: ShownSample[] = []
  const [first] = imageFields(fieldsOf(source))
  for (let i = 0; i < Math.min(tried, source.count) && samples.length < shown; i++) {
    const index = place(i)
    const sample = yield* Effect.gen(function* () {
      const raw = yield* source.sample(index)
      const { image, captions, label } = yield* look(source, index, limits, false)
      const sample: ShownSample = {
        id: source.id(index),
        captions: captions.slice(0, captionsShown).map(cut),
        ...(label === undefined ? {} : { label: cut(label) })
      }
      if (image === undefined || first === undefined) return sample
      const uri = yield* thumbnail(raw[first] as Uint8Array, false)
      const { format, width, height } = image
      return uri === undefined ? undefined : { ...sample, image: { format, width, height, uri } }
    }).pipe(Effect.orElseSucceed(() => undefined))
    if (sample) samples.push(sample)
  }
  return samples
})
