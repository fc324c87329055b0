import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { contentDigest, type RawSample, type Source } from "../source.ts"
import { fetchPicture } from "./fetch-picture.ts"

/** A list of URLs with captions: what a `Source` is, but for the pictures. */
export interface UrlList extends Pick<Source, "name" | "count" | "digest" | "id" | "group" | "captions" | "lists" | "issues"> {
  url(index: number): string
}

/**
 * A source whose pictures are fetched when they are asked for, under the `UrlPolicy` of the context: without one that allows it each
 * sample is a `SampleError` with reason `urls-off`. Nothing is kept: what is to be read twice is prepared into shards.
 */
export const urlSource = (list: UrlList): Source => {
  const sample = Effect.fnUntraced(function* (index: number) {
    const id = list.id(index)
    const captions = yield* list.captions(index)
    const picture = yield* fetchPicture(list.url(index)).pipe(Effect.mapError(({ reason }) => new SampleError({ id, reason })))
    return { id, group: list.group(index), picture, captions } satisfies RawSample
  })
  return {
    name: list.name,
    count: list.count,
    digest: list.digest,
    credits: [],
    issues: list.issues,
    ...(list.lists ? { lists: list.lists } : {}),
    id: (index) => list.id(index),
    group: (index) => list.group(index),
    captions: (index) => list.captions(index),
    sample,
    sampleDigest: (index) => Effect.map(sample(index), ({ picture, captions }) => contentDigest(picture, captions))
  }
}
