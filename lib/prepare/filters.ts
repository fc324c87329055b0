import { languageOf } from "../data/language.ts"
import type { OriginalSize } from "./outcome.ts"
import type { Filters } from "./prepare-settings.ts"

/**
 * Returns the reason why an image's size leaves it out: min-size(w×h) · max-area(w×h) · max-aspect(w×h); `undefined` where it is
 * kept.
 */
export const sizeFault = ({ width, height }: OriginalSize, { minSize, maxArea, maxAspect }: Filters): string | undefined => {
  const said = `(${width}×${height})`
  if (Math.min(width, height) < minSize) return `min-size${said}`
  if (maxArea !== null && width * height > maxArea) return `max-area${said}`
  if (maxAspect !== null && Math.max(width, height) > maxAspect * Math.min(width, height)) return `max-aspect${said}`
  return undefined
}

/** Returns the captions whose language is among those wanted; all of them where none is named. */
export const captionsIn = (captions: readonly string[], { languages }: Pick<Filters, "languages">): readonly string[] =>
  languages.length === 0 ? captions : captions.filter((caption) => languages.includes(languageOf(caption)))
