import { hash } from "node:crypto"
import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { pairValues } from "../../pipeline/samples.ts"
import { DataError } from "../data-error.ts"
import { type IssueCollector, issuesText, joinIssues, readIssues } from "../read-issues.ts"
import { reasonKind } from "../reason.ts"
import { valuesDigest } from "../sample-value.ts"
import { type ByteStore, isRemote } from "../shards/byte-store.ts"
import { shardBlocks } from "../shards/shard-blocks.ts"
import { contentDigest, jsonDigest, type RawSample, type Source, textsIn, typedSource } from "../source.ts"
import { indexTar } from "../tar/index-tar.ts"
import type { SkippedMember } from "../tar/scan-tar.ts"
import { captionsOf, captionsOfJson, captionsOfText } from "./caption-files.ts"
import { desktopFile } from "./desktop-files.ts"
import { foundIssues } from "./found-issues.ts"
import { checkOptions, type Location } from "./location.ts"
import { tarSamples } from "./tar-samples.ts"
import { encodingOption } from "./text-encoding.ts"

/** Number of tars that are indexed concurrently. */
const atOnce = 4

const nameOf = (file: string): string => file.slice(file.lastIndexOf("/") + 1).replace(/\.tar$/i, "")

/** Returns distinct names for tars: the file's, or the whole location where two files have one name in different folders. */
const tarNames = (files: readonly string[]): readonly string[] => {
  const names = files.map(nameOf)
  return new Set(names).size === names.length ? names : files.map((file) => file.replace(/\.tar$/i, ""))
}

/** Kinds of members that have no content for a sample, in contrast to those that could have been part of one. */
const noContent: ReadonlySet<string> = new Set(["link", "device", "pipe"])

const tellSkipped = (tar: string, skipped: readonly SkippedMember[], issues: IssueCollector): void => {
  for (const { name, reason } of skipped) {
    if (reason === "folder" || desktopFile(name) !== undefined) continue
    const kind = reasonKind(reason)
    if (noContent.has(kind)) issues.ignored(`member that is a ${kind}`, `${tar}/${name}`)
    else issues.bad(`member left out: ${kind}`, `${tar}/${name}`)
  }
}

/** Returns the members of a tar, read from its headers, or a message where it cannot be read. */
const indexed = (store: ByteStore, file: string) =>
  Effect.gen(function* () {
    const size = yield* store.size(file)
    const window = isRemote(file) ? 2 ** 22 : 2 ** 16
    const read = (offset: number, length: number) => store.read(file, offset, Math.min(length, size - offset))
    const { places, skipped } = yield* indexTar(read, { file, size, window })
    return { file, size, places, skipped }
  }).pipe(Effect.catch((error) => Effect.succeed({ file, problem: error.message })))

/**
 * Tars as WebDataset and img2dataset write them: neighbouring members of one key are a sample with an image (jpg, jpeg, png,
 * webp) and a text: txt with a caption per line, or json with `captions`, `caption` or `text`; `?caption=NAME` names another
 * member or field.
 *
 * Headers are read when the source is opened, images on demand. A tar that cannot be read is left out and counted; no readable
 * tar, or no sample in any, is a `DataError`. With `images`, texts are not required, and samples have an image alone.
 */
export const webDataset = Effect.fn("data.webDataset")(function* (
  location: Location,
  files: readonly string[],
  store: ByteStore,
  kind: "pairs" | "images" = "pairs"
) {
  const isAlone = kind === "images"
  yield* checkOptions(location, "WebDataset tars", isAlone ? [] : ["caption", "encoding"])
  const encoding = yield* encodingOption(location)
  const caption = location.options.get("caption")
  const issues = readIssues()
  const unreadable = readIssues()
  const collected = tarSamples(isAlone ? null : caption, issues)
  const names = tarNames(files)
  const tars: string[] = []
  const made: unknown[] = []
  const starts: number[] = []
  const bytes: number[] = []
  // In groups, so that members of only a few tars are in memory as objects at a time.
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce)
    const found = yield* Effect.forEach(some, (file) => indexed(store, file), { concurrency: atOnce })
    for (const [i, each] of found.entries()) {
      if ("problem" in each) {
        unreadable.bad("unreadable tar", each.problem)
        continue
      }
      collected.tar(tars.length, names[from + i]!, each.places)
      tellSkipped(names[from + i]!, each.skipped, issues)
      tars.push(each.file)
      bytes.push(each.size)
      made.push([names[from + i], each.size, hash("sha256", JSON.stringify(each.places))])
    }
  }
  const samples = collected.done()
  const changed = [...(encoding === undefined ? [] : [encoding]), ...(collected.changed() > 0 ? [collected.changed()] : [])]
  const found = joinIssues(unreadable.all(), issues.all())
  if (samples.count === 0) {
    const why = issuesText(found)
    const problem =
      tars.length === 0 ? `no readable tar: ${why || "none there"}` : `no sample in any tar${why && `; there are ${why}`}`
    return yield* new DataError({ file: location.name, problem })
  }
  const tooMany =
    issues.refusal({ entries: samples.count + issues.count("bad"), used: samples.count, noun: "samples" }) ??
    unreadable.refusal({ entries: files.length, used: tars.length, noun: "tars" })
  if (tooMany !== undefined) return yield* new DataError({ file: location.name, problem: tooMany })
  for (let index = 0; index < samples.count; index++) while (starts.length <= samples.tar(index)) starts.push(index)
  while (starts.length < tars.length) starts.push(samples.count)

  const readMember = (index: number, member: { readonly offset: number; readonly size: number }) =>
    store
      .read(tars[samples.tar(index)]!, member.offset, member.size)
      .pipe(Effect.mapError((error) => new SampleError({ id: samples.id(index), reason: `unreadable(${error.problem})` })))
  const seen = foundIssues(samples.id)
  const captions = Effect.fnUntraced(function* (index: number) {
    const text = yield* readMember(index, samples.text(index))
    const read = samples.isJson(index) ? captionsOfJson(text, caption, encoding) : captionsOfText(text, encoding)
    seen.see(index, read)
    return yield* captionsOf(samples.id(index), read)
  })
  const imageAlone = (index: number) =>
    Effect.map(readMember(index, samples.image(index)), (image) => ({ id: samples.id(index), group: index, image }))
  const sample = Effect.fnUntraced(function* (index: number) {
    const texts = yield* captions(index)
    const image = yield* readMember(index, samples.image(index))
    return { id: samples.id(index), group: index, image, captions: texts } satisfies RawSample
  })
  const source: Source = {
    name: location.name,
    count: samples.count,
    digest: jsonDigest(["web-dataset", 1, made, caption ?? null, ...changed]),
    credits: [],
    issues: found,
    found: seen.all,
    id: samples.id,
    group: (index) => index,
    texts: textsIn("captions", captions),
    sample,
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.image, each.captions)),
    // For remote tars, adjacent members are read together.
    ...(tars.some(isRemote)
      ? { blocks: shardBlocks({ starts: Float64Array.from([...starts, samples.count]), bytes: Float64Array.from(bytes) }) }
      : {})
  }
  if (!isAlone) return source
  const { image } = pairValues
  const alone: Source<{ readonly image: typeof image }> = {
    ...source,
    fields: { image },
    digest: jsonDigest([source.digest, "images"]),
    texts: () => Effect.succeed([]),
    sample: imageAlone,
    sampleDigest: (index) => Effect.map(imageAlone(index), (each) => valuesDigest({ image }, each))
  }
  return typedSource(alone)
})
