import { hash } from "node:crypto"
import { Effect, Path } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { DataError } from "../data-error.ts"
import { joinIssues, type ReadIssue } from "../read-issues.ts"
import { contentDigest, jsonDigest, type RawSample, type Source } from "../source.ts"
import { urlSource } from "../url/url-source.ts"
import type { Listing } from "./listing.ts"
import type { Location } from "./location.ts"
import { isUrl } from "./own-folders.ts"
import { pictureFolders } from "./picture-folders.ts"
import type { ReadList } from "./read-lists.ts"
import { sampleFiles } from "./read-picture.ts"

/** An id for a URL, which may hold secrets that logs must not have: 64 bits of its SHA-256. */
const urlId = (url: string): string => `url-${hash("sha256", url).slice(0, 16)}`

/** What a list is read into a source from. */
export interface ListOrigin {
  readonly location: Location
  readonly listing: Listing
  /** What the list is a function of: its format, its SHA-256, its options but where pictures are. */
  readonly made: unknown
  /** Folders that its pictures may be in, relative to the list's. */
  readonly candidates: readonly string[]
  /** The folder that those are relative to; the list's own unless given. */
  readonly base?: string
  /** Folders in `base` that the names of its pictures begin with, where they lead from several. */
  readonly prefixes?: readonly string[]
  readonly issues: readonly ReadIssue[]
}

/**
 * The pictures of a list as a source: each picture once, its id the name in the list, with all its captions. A list whose first picture
 * is a URL is one of URLs, which are fetched only where that is allowed (`UrlPolicy`).
 */
export const listSource = Effect.fn("data.listSource")(function* ({ location, listing, ...rest }: ListOrigin) {
  const { pictures, captionsOf } = listing
  const { made, candidates } = rest
  const issues = listing.issues.length > 0 ? joinIssues(rest.issues, listing.issues) : rest.issues
  const base = rest.base ?? (yield* Path.Path).dirname(location.path)
  if (pictures.count === 0) return yield* new DataError({ file: location.name, problem: "no picture with a caption" })
  const digest = jsonDigest(["list", 2, made])
  const lists: ReadonlyMap<string, ReadList> = new Map([[location.name, { ...rest, issues, listing: listing.data, base }]])
  const all = { name: location.name, count: pictures.count, digest, issues, group: (index: number) => index, lists }
  const captionsFor = (idOf: (index: number) => string) =>
    Effect.fnUntraced(function* (index: number) {
      const texts = captionsOf(index)
      return texts.length > 0 ? texts : yield* new SampleError({ id: idOf(index), reason: "no-caption" })
    })
  if (isUrl(pictures.at(0))) {
    const id = (index: number) => urlId(pictures.at(index))
    return urlSource({ ...all, id, captions: captionsFor(id), url: pictures.at })
  }
  const placesOf = yield* pictureFolders(location, listing, candidates, base, rest.prefixes)
  const files = yield* sampleFiles
  const captions = captionsFor(pictures.at)
  const sample = Effect.fnUntraced(function* (index: number) {
    const id = pictures.at(index)
    const texts = yield* captions(index)
    const { folders, name } = placesOf(id)
    return { id, group: index, picture: yield* files.find(id, folders, name), captions: texts } satisfies RawSample
  })
  const source: Source = {
    ...all,
    credits: [],
    id: pictures.at,
    captions,
    sample,
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.picture, each.captions))
  }
  return source
})
