import { Effect, Schema } from "effect"
import { hasSkinTone, normaliseCodePoint } from "./code-point.ts"
import { packageFile } from "./package-file.ts"
import { loadTexts } from "./texts.ts"
import { type Vendor, vendors } from "./vendor.ts"

/** A picture by one vendor of an emoji that has a name. */
export interface EmojiPair {
  /** `vendor/codePoint`. */
  readonly id: string
  readonly vendor: Vendor
  readonly codePoint: string
  /** The rank of the code point among all that have a picture: the same in every source made of this catalogue. */
  readonly group: number
  /** The vendor's name of the picture. */
  readonly icon: string
  readonly skinTone: boolean
}

/**
 * Which emoji: `full` is every pair; `plain` leaves the skin-tone variants out, which are half of all pairs and differ in a few
 * pixels' colour and two words of their names.
 */
export type Population = "plain" | "full"

export const populations: readonly Population[] = ["plain", "full"]

/**
 * All pairs of a picture and a name, matched by code point: by vendor in the order of `vendors`, then by code point.
 *
 * Reads the small files only (names of pictures, English names): a picture is read when it is rendered.
 */
export const loadCatalogue = Effect.gen(function* () {
  const named = yield* loadTexts("en")
  const found: Array<Omit<EmojiPair, "group">> = []
  for (const vendor of Object.keys(vendors) as Vendor[]) {
    const icons = yield* packageFile(`${vendors[vendor]}/chars.json`, Schema.Record(Schema.String, Schema.String))
    const byCodePoint = new Map(Object.entries(icons).map(([hexcode, icon]) => [normaliseCodePoint(hexcode), icon]))
    for (const [codePoint, icon] of [...byCodePoint].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!named.has(codePoint)) continue
      found.push({ id: `${vendor}/${codePoint}`, vendor, codePoint, icon, skinTone: hasSkinTone(codePoint) })
    }
  }
  const ranks = new Map([...new Set(found.map(({ codePoint }) => codePoint))].sort().map((codePoint, rank) => [codePoint, rank]))
  return found.map((pair): EmojiPair => ({ ...pair, group: ranks.get(pair.codePoint)! })) as readonly EmojiPair[]
}).pipe(Effect.withSpan("emoji.loadCatalogue"))

/** The pairs of a population by some vendors, in the catalogue's order. */
export const selectPairs = (
  catalogue: readonly EmojiPair[],
  { population, vendors: chosen }: { readonly population: Population; readonly vendors: readonly Vendor[] }
): readonly EmojiPair[] =>
  catalogue.filter(({ vendor, skinTone }) => chosen.includes(vendor) && (population === "full" || !skinTone))
