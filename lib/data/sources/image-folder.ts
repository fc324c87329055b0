import { Effect, Path } from "effect"
import { readIssues } from "../read-issues.ts"
import { contentDigest, jsonDigest, type RawSample, type Source, textsIn } from "../source.ts"
import { captionsOf, captionsOfJson, captionsOfText } from "./caption-files.ts"
import { foundIssues } from "./found-issues.ts"
import { checkOptions, type Location } from "./location.ts"
import { sampleFiles } from "./read-image.ts"
import { textColumn } from "./text-column.ts"
import { encodingOption } from "./text-encoding.ts"

const imageName = /\.(?:jpe?g|png|webp)$/i
const textName = /\.(?:txt|json)$/i

/** Images in a folder that have a text beside them. */
export interface ImagesWithText {
  /** Names of images with a text, in code-unit order. */
  readonly names: readonly string[]
  /** Returns the name of the text beside image i. */
  readonly textOf: (index: number) => string
  /** True where a number of files is no more than the images and the texts beside them. */
  readonly areAll: (files: number) => boolean
  /** True where a file is an image, or a text beside one. */
  readonly isPart: (name: string) => boolean
  /** Images without a text. */
  readonly alone: readonly string[]
}

/** Returns a file's name with another extension; it must have one. */
const beside = (name: string, extension: string) => name.slice(0, name.lastIndexOf(".")) + extension

/** Finds the images among the names in a folder, and the texts beside them; extensions may be in capitals. */
export const imagesWithText = (files: readonly string[]): ImagesWithText => {
  const known = new Set(files)
  /** Texts whose extension is not in lower case, by the name they would have with one in lower case. */
  const capital = new Map<string, string>()
  for (const name of files) {
    if (name.endsWith(".txt") || name.endsWith(".json") || name.endsWith(".jpg") || !textName.test(name)) continue
    const small = name.slice(0, name.lastIndexOf(".")) + name.slice(name.lastIndexOf(".")).toLowerCase()
    if (!known.has(small)) capital.set(small, name)
  }
  const textOf = (image: string): string | undefined => {
    for (const extension of [".txt", ".json"]) {
      const name = beside(image, extension)
      if (known.has(name)) return name
      if (capital.size > 0 && capital.has(name)) return capital.get(name)
    }
    return undefined
  }
  const images = files.filter((name) => imageName.test(name)).sort()
  let stems: ReadonlySet<string> | undefined
  /** Returns the names of images without their extensions, in any case. */
  const stemsOf = () => (stems ??= new Set(images.map((name) => beside(name, ""))))
  const names: string[] = []
  const alone: string[] = []
  let isShared = false
  let before = ""
  for (const name of images) {
    const chosen = textOf(name) === undefined ? alone : names
    chosen.push(name)
    const own = beside(name, "")
    if (own === before) isShared = true
    before = own
  }
  // Two images may share a text; otherwise each has its own.
  const areAll = (count: number): boolean => !isShared && count === images.length + names.length
  const isPart = (name: string): boolean =>
    name.endsWith(".jpg") || imageName.test(name) || (textName.test(name) && stemsOf().has(beside(name, "")))
  return { names, alone, areAll, isPart, textOf: (index) => textOf(names[index]!)! }
}

/**
 * A folder of images, at any depth, each with a text of the same name beside it: `.txt` with a caption per line, or `.json` with
 * `captions`, `caption` or `text` (what img2dataset writes as files has either). Texts are read on demand.
 */
export const imageFolder = Effect.fn("data.imageFolder")(function* (location: Location, images: ImagesWithText) {
  yield* checkOptions(location, "a folder of images", ["encoding"])
  const encoding = yield* encodingOption(location)
  const path = yield* Path.Path
  const files = yield* sampleFiles
  const issues = readIssues()
  const { alone } = images
  if (alone.length > 0) issues.ignored("image without a .txt or .json beside it", alone[0]!, alone.length)
  const packed = textColumn()
  for (const name of images.names) packed.push(name)
  const names = packed.done()
  const plain = new Uint8Array(names.count)
  /** Texts whose extension is in capitals. */
  const others = new Map<number, string>()
  for (let index = 0; index < names.count; index++) {
    const text = images.textOf(index)
    plain[index] = /\.txt$/i.test(text) ? 1 : 0
    if (!text.endsWith(plain[index] ? ".txt" : ".json")) others.set(index, text)
  }
  const digest = jsonDigest(["folder", 2, images.names, ...(encoding === undefined ? [] : [encoding])])
  const found = foundIssues(names.at)
  const captions = Effect.fnUntraced(function* (index: number) {
    const id = names.at(index)
    const text = others.get(index) ?? beside(id, plain[index] ? ".txt" : ".json")
    const bytes = yield* files.read(id, path.join(location.path, text))
    const read = plain[index] ? captionsOfText(bytes, encoding) : captionsOfJson(bytes, undefined, encoding)
    found.see(index, read)
    return yield* captionsOf(id, read)
  })
  const sample = Effect.fnUntraced(function* (index: number) {
    const id = names.at(index)
    const texts = yield* captions(index)
    return { id, group: index, image: yield* files.read(id, path.join(location.path, id)), captions: texts } satisfies RawSample
  })
  const source: Source = {
    name: location.name,
    count: names.count,
    digest,
    credits: [],
    issues: issues.all(),
    found: found.all,
    id: names.at,
    group: (index) => index,
    texts: textsIn("captions", captions),
    sample,
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.image, each.captions))
  }
  return source
})
