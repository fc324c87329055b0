import { Effect, Path } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { DataError } from "../data-error.ts"
import { joinIssues, type ReadIssue } from "../read-issues.ts"
import { contentDigest, jsonDigest, type RawSample, type Source, textsIn } from "../source.ts"
import { fetchImage } from "../url/fetch-image.ts"
import { imageFolders } from "./image-folders.ts"
import { imageId, isUrl } from "./image-id.ts"
import type { Listing } from "./listing.ts"
import type { Location } from "./location.ts"
import { sampleFiles } from "./read-image.ts"
import type { ReadList } from "./read-lists.ts"

/** A list and settings from which a source is made. */
export interface ListOrigin {
  readonly location: Location
  readonly listing: Listing
  /** Everything that determines the list: its format, its SHA-256, its options except the folders of images. */
  readonly made: unknown
  /** Folders that its images may be in, relative to the list's. */
  readonly candidates: readonly string[]
  /** The folder that those are relative to; the list's own by default. */
  readonly base?: string
  /** Folders in `base` with which the names of its images begin, where these are relative to several. */
  readonly prefixes?: readonly string[]
  readonly issues: readonly ReadIssue[]
}

/**
 * The images of a list as a source: each image once, its id the name in the list, with all its captions. Those that are named by
 * URL are fetched on demand, and only where that is allowed (`UrlPolicy`), otherwise they are a `SampleError` with reason
 * `urls-off`. Nothing is cached: data that are read more than once should be prepared into shards.
 */
export const listSource = Effect.fn("data.listSource")(function* ({ location, listing, ...rest }: ListOrigin) {
  const { images, captionsOf } = listing
  const { made, candidates } = rest
  const issues = listing.issues.length > 0 ? joinIssues(rest.issues, listing.issues) : rest.issues
  const base = rest.base ?? (yield* Path.Path).dirname(location.path)
  if (images.count === 0) return yield* new DataError({ file: location.name, problem: "no image with a caption" })
  const digest = jsonDigest(["list", 2, made])
  const lists: ReadonlyMap<string, ReadList> = new Map([[location.name, { ...rest, issues, listing: listing.data, base }]])
  const placesOf = yield* imageFolders(location, listing, candidates, base, rest.prefixes)
  const files = yield* sampleFiles
  const id = (index: number) => imageId(images.at(index))
  const captions = Effect.fnUntraced(function* (index: number) {
    const texts = captionsOf(index)
    return texts.length > 0 ? texts : yield* new SampleError({ id: id(index), reason: "no-caption" })
  })
  const image = (own: string, index: number) => {
    const given = images.at(index)
    if (isUrl(given)) return fetchImage(given.trim()).pipe(Effect.mapError(({ reason }) => new SampleError({ id: own, reason })))
    const { folders, name } = placesOf(given)
    return files.find(own, folders, name)
  }
  const sample = Effect.fnUntraced(function* (index: number) {
    const own = id(index)
    const texts = yield* captions(index)
    return { id: own, group: index, image: yield* image(own, index), captions: texts } satisfies RawSample
  })
  const source: Source = {
    ...{ name: location.name, count: images.count, digest, issues, credits: [], group: (index) => index, lists },
    ...{ id, sample, texts: textsIn("captions", captions) },
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.image, each.captions))
  }
  return source
})
