import { Effect, Schema } from "effect"
import { hasSkinTone, normaliseCodePoint } from "./code-point.ts"
import { packageFile } from "./package-file.ts"
import { loadTexts } from "./texts.ts"
import { type Vendor, vendors } from "./vendor.ts"

/** A named emoji's image by one vendor. */
export interface EmojiPair {
  /** `vendor/codePoint`. */
  readonly id: string
  readonly vendor: Vendor
  readonly codePoint: string
  /** Rank of the code point among all that have an image: the same in every source made from this catalogue. */
  readonly group: number
  /** The vendor's name of the image. */
  readonly icon: string
  readonly skinTone: boolean
}

/**
 * Subset of the catalogue: `full` is every pair; `plain` omits the skin-tone variants, which are half of all pairs and differ in
 * a few pixels' colour and two words of their names.
 */
export type Population = "plain" | "full"

export const populations: readonly Population[] = ["plain", "full"]

const Characters = Schema.Record(Schema.String, Schema.String)
const Drawn = Schema.Struct({ icons: Schema.Record(Schema.String, Schema.Unknown) })

/** Returns a vendor's images by code point; for a set without code points, those whose name `meant` maps to one. */
const iconsOf = Effect.fnUntraced(function* (vendor: Vendor, meant: ReadonlyMap<string, string>) {
  const characters = Object.entries(yield* packageFile(`${vendors[vendor]}/chars.json`, Characters))
  if (characters.length > 0) return new Map(characters.map(([hexcode, icon]) => [normaliseCodePoint(hexcode), icon]))
  const { icons } = yield* packageFile(`${vendors[vendor]}/icons.json`, Drawn)
  return new Map(Object.keys(icons).flatMap((icon) => (meant.has(icon) ? [[meant.get(icon)!, icon] as const] : [])))
})

/**
 * Loads all pairs of an image and a name, matched by code point: by vendor in the order of `vendors`, then by code point.
 * The sets share one vocabulary of names (`grinning-face`), so a set without code points is matched by the names that the
 * preceding sets give to theirs.
 */
export const loadCatalogue = Effect.gen(function* () {
  const named = yield* loadTexts("en")
  const found: Array<Omit<EmojiPair, "group">> = []
  const meant = new Map<string, string>()
  for (const vendor of Object.keys(vendors) as Vendor[]) {
    const icons = yield* iconsOf(vendor, meant)
    for (const [codePoint, icon] of [...icons].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!meant.has(icon)) meant.set(icon, codePoint)
      if (!named.has(codePoint)) continue
      found.push({ id: `${vendor}/${codePoint}`, vendor, codePoint, icon, skinTone: hasSkinTone(codePoint) })
    }
  }
  const ranks = new Map([...new Set(found.map(({ codePoint }) => codePoint))].sort().map((codePoint, rank) => [codePoint, rank]))
  return found.map((pair): EmojiPair => ({ ...pair, group: ranks.get(pair.codePoint)! })) as readonly EmojiPair[]
}).pipe(Effect.withSpan("emoji.loadCatalogue"))

/** Selects the pairs of a population by some vendors, in the catalogue's order. */
export const selectPairs = (
  catalogue: readonly EmojiPair[],
  { population, vendors: chosen }: { readonly population: Population; readonly vendors: readonly Vendor[] }
): readonly EmojiPair[] =>
  catalogue.filter(({ vendor, skinTone }) => chosen.includes(vendor) && (population === "full" || !skinTone))
