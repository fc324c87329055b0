import { firstSeen } from "../data/first-seen.ts"
import { languageOf } from "../data/language.ts"
import { joinsSameImages } from "../data/same-images.ts"
import type { Source } from "../data/source.ts"
import { sha256 } from "../store/digest.ts"
import { growingNumbers } from "./growing-numbers.ts"
import type { Inspection } from "./inspection.ts"
import type { ImageLook, Look } from "./look.ts"
import { type Spread, spreadOf } from "./spread.ts"
import { detailOf, kindOf, tally } from "./tally.ts"

/** Number of examples that are named for each issue. */
const examplesKept = 5

/** Returns a distribution as an optional property, absent for no numbers. */
const spread = <N extends string>(name: N, numbers: ReturnType<typeof growingNumbers>): { readonly [K in N]?: Spread } => {
  const found = spreadOf(numbers.all())
  return (found ? { [name]: found } : {}) as { readonly [K in N]?: Spread }
}

/** Returns the number of runs of characters other than white space. */
const wordCount = (text: string): number => text.match(/\S+/g)?.length ?? 0

const characterCount = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

const imageSummary = (id: (place: number) => string) => {
  const [formats, sizes] = [tally(), tally()]
  const tolerated = { count: 0, examples: [] as string[] }
  const [widths, heights, aspects, sizesInBytes] = [growingNumbers(), growingNumbers(), growingNumbers(), growingNumbers()]
  let [usable, turned] = [0, 0]
  return {
    add: (place: number, { format, width, height, bytes, turned: turns, tolerated: warned }: ImageLook): void => {
      usable++
      if (warned && tolerated.count++ < examplesKept) tolerated.examples.push(id(place))
      if (turns) turned++
      formats.add(format, id(place))
      sizes.add(`${width}×${height}`, id(place))
      widths.push(width)
      heights.push(height)
      aspects.push(width / height)
      sizesInBytes.push(bytes)
    },
    result: (): Inspection["images"] => ({
      usable,
      turned,
      tolerated,
      formats: formats.sorted(),
      sizes: sizes.sorted().slice(0, examplesKept),
      ...spread("width", widths),
      ...spread("height", heights),
      ...spread("aspect", aspects),
      ...spread("bytes", sizesInBytes)
    })
  }
}

const captionSummary = (id: (place: number) => string) => {
  const languages = tally()
  const known = firstSeen()
  const [perImage, characters, words] = [growingNumbers(), growingNumbers(), growingNumbers()]
  let count = 0
  return {
    add: (place: number, { captions }: Look): void => {
      perImage.push(captions.length)
      for (const text of captions) {
        count++
        known.see(place, sha256(text))
        characters.push(characterCount(text))
        words.push(wordCount(text))
        languages.add(languageOf(text), id(place))
      }
    },
    result: (): Inspection["captions"] => ({
      count,
      distinct: known.distinct(),
      ...spread("perImage", perImage),
      ...spread("characters", characters),
      ...spread("words", words),
      languages: languages.sorted()
    })
  }
}

/** Collects the properties of samples of a source, in the order of their places. */
export const summary = (source: Pick<Source, "id" | "group" | "groupBy">) => {
  const id = (place: number) => source.id(place)
  const [images, captions, labels, failures] = [imageSummary(id), captionSummary(id), tally(), tally()]
  const known = firstSeen()
  const examples: Array<readonly [string, string]> = []
  let [copies, otherGroups] = [0, 0]
  return {
    add: (place: number, look: Look): void => {
      captions.add(place, look)
      if (look.label !== undefined) labels.add(look.label, id(place))
      if (look.image === undefined) return
      images.add(place, look.image)
      const first = known.see(place, look.image.digest)
      if (first === place) return
      copies++
      if (source.group(first) !== source.group(place)) otherGroups++
      if (examples.length < examplesKept) examples.push([id(place), id(first)])
    },
    fail: (place: number, reason: string): void => failures.add(kindOf(reason), id(place), detailOf(reason)),
    result: (): Pick<Inspection, "images" | "captions" | "labels" | "duplicates" | "failures"> => ({
      images: images.result(),
      captions: captions.result(),
      labels: labels.sorted(),
      duplicates: { images: copies, examples, otherGroups, countAsOne: joinsSameImages(source) },
      failures: failures.sorted()
    })
  }
}
