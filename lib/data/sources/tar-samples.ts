import type { IssueCollector } from "../read-issues.ts"
import type { TarPlace } from "../tar/scan-tar.ts"
import { desktopFile } from "./desktop-files.ts"
import { doubles, wholeNumbers } from "./growing.ts"
import { textColumn } from "./text-column.ts"

/** A range of bytes in a tar. */
export interface MemberRange {
  readonly offset: number
  readonly size: number
}

/** The samples of one tar or of several: the positions of their images and texts. */
export interface TarSamples {
  readonly count: number
  readonly id: (index: number) => string
  /** Returns the number of the tar. */
  readonly tar: (index: number) => number
  readonly image: (index: number) => MemberRange
  readonly text: (index: number) => MemberRange
  /** True where the text is a JSON object; otherwise it has a caption per line. */
  readonly isJson: (index: number) => boolean
}

const imagePattern = /^(?:jpe?g|png|webp)$/
const dottedImage = /^(.+)\.(?:jpe?g|png|webp)$/
const textExtensions: readonly string[] = ["txt", "text", "caption"]
/** WebDataset's own members, which belong to no sample. */
const metaMember = /^__[^/]*__(?:$|\/)/

/** Returns a member's key and extension as in WebDataset: split at the first dot of the last part of the path. */
export const keyOf = (name: string): readonly [key: string, extension: string] => {
  const from = name.lastIndexOf("/") + 1
  const dot = name.indexOf(".", from)
  return dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
}

/** True where a name would lead out of a folder if it were a path: it is a key, and nothing is ever unpacked. */
const leadsOut = (name: string): boolean =>
  name[0] === "/" ||
  name[0] === "\\" ||
  (name[1] === ":" && /^[A-Za-z]:[/\\]/.test(name)) ||
  (name.includes("..") && /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(name))

/** Returns the key in an id: a path within a folder. */
const shownKey = (key: string): string =>
  leadsOut(key)
    ? key
        .replace(/^[A-Za-z]:(?=[/\\])/, "")
        .split(/[/\\]/)
        .filter((part) => part !== "" && part !== "..")
        .join("/")
    : key

const endingOf = (extension: string): string => extension.slice(extension.lastIndexOf(".") + 1).slice(0, 20)

type Members = ReadonlyMap<string, TarPlace>
interface Pair {
  readonly key: string
  readonly image: TarPlace
  readonly text: TarPlace
  readonly isJson: boolean
  readonly isDotted: boolean
}

/**
 * Returns the images among the members of one key, without texts: the one of exactly that key, or else those with longer names.
 */
const imagesOf = (key: string, members: Members): readonly Pair[] => {
  const all = [...members].filter(([extension]) => imagePattern.test(extension) || dottedImage.test(extension))
  const own = all.find(([extension]) => imagePattern.test(extension))
  return (own ? [own] : all).map(([extension, image]) => {
    const part = dottedImage.exec(extension)?.[1]
    const name = part === undefined ? key : image.name.slice(0, key.length + 1 + part.length)
    return { key: name, image, text: { ...image, size: 0 }, isJson: false, isDotted: part !== undefined }
  })
}

/**
 * Returns the pairs of image and text among the members of one key: WebDataset's one, or else those that share more of their
 * names.
 */
const pairsOf = (key: string, members: Members, caption: string | undefined | null): readonly Pair[] => {
  if (caption === null) return imagesOf(key, members)
  const named = caption === undefined ? textExtensions : [caption.toLowerCase()]
  /** Returns the member that holds the captions: plain text before JSON, but a named JSON member before text of another name. */
  const textOf = (start: string) => {
    const plain = named.flatMap((each) => members.get(start + each) ?? [])[0]
    const text = plain ?? members.get(`${start}json`)
    return text && { text, isJson: plain === undefined }
  }
  const image = [...members].find(([extension]) => imagePattern.test(extension))?.[1]
  const text = textOf("")
  if (image && text) return [{ key, image, ...text, isDotted: false }]
  const dotted = new Map<string, Pair>()
  for (const [extension, place] of members) {
    const part = dottedImage.exec(extension)?.[1]
    if (part === undefined || dotted.has(part)) continue
    const own = textOf(`${part}.`)
    // The name itself has the letters in their original case.
    const whole = place.name.slice(0, key.length + 1 + part.length)
    if (own) dotted.set(part, { key: whole, image: place, ...own, isDotted: true })
  }
  return [...dotted.values()]
}

/**
 * Collects the samples of tars: neighbouring members of one key are a sample, which needs an image and a text. The key ends at
 * the first dot, as in WebDataset; members of one key that are not a sample this way, as `v1.5.jpg` and `v1.5.txt` are not of key
 * `v1`, are paired by everything before their last extension. With `null` for the captions' member, images are samples by
 * themselves.
 */
export const tarSamples = (caption: string | undefined | null, issues: IssueCollector) => {
  const ids = textColumn()
  const tars = wholeNumbers()
  const [imageOffsets, textOffsets] = [doubles(), doubles()]
  const [imageSizes, textSizes, kinds] = [wholeNumbers(), wholeNumbers(), wholeNumbers()]
  /** Number of samples that were not samples before dots and desktops' files were detected. */
  let changed = 0
  const push = (tar: number, name: string, { key, image, text, isJson }: Pair, seen: Map<string, number>) => {
    const shown = shownKey(key)
    const times = (seen.get(shown) ?? 0) + 1
    seen.set(shown, times)
    ids.push(times === 1 ? `${name}/${shown}` : `${name}/${shown}#${times}`)
    tars.push(tar)
    imageOffsets.push(image.offset)
    imageSizes.push(image.size)
    textOffsets.push(text.offset)
    textSizes.push(text.size)
    kinds.push(isJson ? 1 : 0)
  }
  /** Counts the members of a key that are in no sample of it. */
  const tellOthers = (name: string, members: Members, pairs: readonly Pair[]) => {
    const [pair] = pairs
    // An image and a text, and the JSON that img2dataset puts beside them.
    if (pair && !pair.isDotted && members.size === (members.has("json") && !pair.isJson ? 3 : 2)) return
    const used = new Set<TarPlace>(pairs.flatMap(({ image, text }) => [image, text]))
    for (const [extension, place] of members) {
      if (used.has(place) || (pair && extension.endsWith("json"))) continue
      const where = `${name}/${place.name}`
      if (pair) issues.ignored(`other member (.${endingOf(extension)})`, where)
      else if (imagePattern.test(extension)) issues.ignored("image without a text", where)
      else if (extension === "json" || textExtensions.includes(extension)) issues.ignored("text without an image", where)
      else issues.ignored(`other member (.${endingOf(extension)})`, where)
    }
  }
  const add = (tar: number, name: string, key: string, members: Members, seen: Map<string, number>): number => {
    if (members.size === 0) return 0
    const pairs = pairsOf(key, members, caption)
    for (const pair of pairs) {
      push(tar, name, pair, seen)
      if (!pair.isDotted) continue
      changed++
      issues.noted("name with more dots, read as a sample of its own", `${name}/${pair.image.name}`)
    }
    tellOthers(name, members, pairs)
    return pairs.length
  }
  return {
    changed: () => changed,
    /** Adds the members of tar number `tar`, whose samples' ids begin with `name`. */
    tar: (tar: number, name: string, places: readonly TarPlace[]): void => {
      const seen = new Map<string, number>()
      let key = ""
      let members = new Map<string, TarPlace>()
      let isBroken = false
      let interrupted = false
      const end = () => {
        const count = add(tar, name, key, members, seen)
        if (interrupted) changed += count
        interrupted = false
      }
      for (const place of places) {
        const desktop =
          desktopFile(place.name) ??
          (place.name.startsWith("__") && metaMember.test(place.name) ? "metadata of WebDataset" : undefined)
        if (desktop !== undefined) {
          issues.ignored(desktop, `${name}/${place.name}`)
          isBroken = true
          continue
        }
        const [own, extension] = keyOf(place.name)
        if (extension === "") {
          issues.ignored("member without an ending", `${name}/${place.name}`)
          continue
        }
        if (own !== key) {
          if (leadsOut(own)) issues.noted("name that is absolute or has '..', read as a key", `${name}/${place.name}`)
          end()
          key = own
          members = new Map()
        } else if (isBroken) interrupted = true
        isBroken = false
        if (members.has(extension)) issues.noted("member given twice, of which the first counts", `${name}/${place.name}`)
        else members.set(extension, place)
      }
      end()
    },
    done: (): TarSamples => {
      const id = ids.done()
      const tar = tars.done()
      const [po, ps, to, ts, kind] = [imageOffsets.done(), imageSizes.done(), textOffsets.done(), textSizes.done(), kinds.done()]
      return {
        count: id.count,
        id: id.at,
        tar: (index) => tar[index]!,
        image: (index) => ({ offset: po[index]!, size: ps[index]! }),
        text: (index) => ({ offset: to[index]!, size: ts[index]! }),
        isJson: (index) => kind[index] === 1
      }
    }
  }
}
