import { Effect, Path } from "effect"
import { readIssues } from "../read-issues.ts"
import { contentDigest, jsonDigest, type RawSample, type Source } from "../source.ts"
import { captionsOf, captionsOfJson, captionsOfText } from "./caption-files.ts"
import { checkOptions, type Location } from "./location.ts"
import { sampleFiles } from "./read-picture.ts"
import { textColumn } from "./text-column.ts"
import { encodingOption } from "./text-encoding.ts"

const pictureName = /\.(?:jpe?g|png|webp)$/i

/** Pictures in a folder that have a text beside them, out of all its pictures. */
export interface PicturesWithText {
  readonly pictures: number
  /** The first picture without a text. */
  readonly without: string | undefined
  /** Names of those with a text, by name. */
  readonly names: readonly string[]
  /** Whether the text beside picture i is `.txt`; else it is `.json`. */
  readonly isPlain: (index: number) => boolean
}

const beside = (name: string, extension: string) => name.replace(/\.[^.]+$/, extension)

/** Finds the pictures among the names in a folder, and the texts beside them. */
export const picturesWithText = (files: readonly string[]): PicturesWithText => {
  const known = new Set(files)
  const pictures = files.filter((name) => pictureName.test(name)).sort()
  const hasText = (name: string) => known.has(beside(name, ".txt")) || known.has(beside(name, ".json"))
  const names = pictures.filter(hasText)
  const without = pictures.find((name) => !hasText(name))
  return { pictures: pictures.length, without, names, isPlain: (index) => known.has(beside(names[index]!, ".txt")) }
}

/**
 * A folder of pictures, at any depth, each with a text of the same name beside it: `.txt` with a caption a line, or `.json` with
 * `captions`, `caption` or `text` (what img2dataset writes as files has either). Texts are read when they are asked for.
 */
export const pictureFolder = Effect.fn("data.pictureFolder")(function* (location: Location, found: PicturesWithText) {
  yield* checkOptions(location, "a folder of pictures", ["encoding"])
  const encoding = yield* encodingOption(location)
  const path = yield* Path.Path
  const files = yield* sampleFiles
  const issues = readIssues()
  const without = found.pictures - found.names.length
  if (without > 0) issues.ignored("picture without a .txt or .json beside it", found.without!, without)
  const packed = textColumn()
  for (const name of found.names) packed.push(name)
  const names = packed.done()
  const plain = Uint8Array.from({ length: names.count }, (_, index) => (found.isPlain(index) ? 1 : 0))
  const digest = jsonDigest(["folder", 2, found.names, ...(encoding === undefined ? [] : [encoding])])
  const captions = Effect.fnUntraced(function* (index: number) {
    const id = names.at(index)
    const bytes = yield* files.read(id, path.join(location.path, beside(id, plain[index] ? ".txt" : ".json")))
    return yield* captionsOf(id, plain[index] ? captionsOfText(bytes, encoding) : captionsOfJson(bytes, undefined, encoding))
  })
  const sample = Effect.fnUntraced(function* (index: number) {
    const id = names.at(index)
    const texts = yield* captions(index)
    return { id, group: index, picture: yield* files.read(id, path.join(location.path, id)), captions: texts } satisfies RawSample
  })
  const source: Source = {
    name: location.name,
    count: names.count,
    digest,
    credits: [],
    issues: issues.all(),
    id: names.at,
    group: (index) => index,
    captions,
    sample,
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.picture, each.captions))
  }
  return source
})
