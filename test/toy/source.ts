import { Effect } from "effect"
import { DataError } from "../../lib/data/data-error.ts"
import { openShardSet } from "../../lib/data/shards/open-shard-set.ts"
import { contentDigest, jsonDigest, type Source } from "../../lib/data/source.ts"
import { SampleError } from "../../lib/pipeline/errors.ts"

/** What is wrong with some samples of a toy source: they cannot be read, or a stage refuses them. */
export interface ToyFaults {
  readonly missing?: readonly number[]
  readonly unreadable?: readonly number[]
  readonly explodes?: readonly number[]
}

/** `count` samples `toy/0`, `toy/1`, … with two captions each, in groups of three. */
export const toySource = (count: number, { missing = [], unreadable = [], explodes = [] }: ToyFaults = {}): Source => {
  const captionsOf = (index: number) => {
    const start = unreadable.includes(index) ? "unreadable" : explodes.includes(index) ? "explodes" : "caption"
    return [`${start} number ${index}`, `${start} ${index} said otherwise`]
  }
  const image = (index: number) => Uint8Array.of(index & 255)
  return {
    name: `toy:${count}`,
    count,
    digest: jsonDigest(["toy", count]),
    credits: [],
    issues: [],
    id: (index) => `toy/${index}`,
    group: (index) => Math.floor(index / 3),
    texts: (index) => Effect.succeed(captionsOf(index)),
    sample: (index) =>
      missing.includes(index)
        ? Effect.fail(new SampleError({ id: `toy/${index}`, reason: "missing(toy)" }))
        : Effect.succeed({
            id: `toy/${index}`,
            group: Math.floor(index / 3),
            image: image(index),
            captions: captionsOf(index)
          }),
    sampleDigest: (index) => Effect.succeed(contentDigest(image(index), captionsOf(index)))
  }
}

const list = (text: string | undefined) => (text ? text.split(",").map(Number) : [])

/** Opens `toy:COUNT`, or `toy:COUNT:UNREADABLE,…`, or the shard set in `shards:FOLDER`, in order by blocks. */
export const openToySource = (name: string): Effect.Effect<Source, DataError> => {
  if (name.startsWith("shards:")) return openShardSet(name.slice("shards:".length), { byBlocks: true })
  const [kind, count, unreadable] = name.split(":")
  return kind === "toy"
    ? Effect.succeed(toySource(Number(count), { unreadable: list(unreadable) }))
    : Effect.fail(new DataError({ file: name, problem: "no such data" }))
}
