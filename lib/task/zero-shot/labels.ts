import { Effect, Result } from "effect"
import { runHost, sampleInput } from "../../data/host/host.ts"
import type { ReadyStage } from "../../data/host/ready-stage.ts"
import type { Source } from "../../data/source.ts"
import { stagesFor } from "../../model/fields-program.ts"
import type { SampleError } from "../../pipeline/errors.ts"
import { eachSample } from "../each-sample.ts"
import type { ImageItem } from "../items.ts"
import type { Details } from "../task.ts"

/** Returns the label of a sample without reading its image. */
const labelOf = (source: Source, index: number): Effect.Effect<string | undefined, SampleError> =>
  Effect.map(source.texts(index, "label"), ([label]) => label)

/**
 * Returns the source with each sample's label as its caption where it has none, since stages that read images may read captions
 * too.
 */
export const captioned = (source: Source): Source => ({
  ...source,
  sample: (index) =>
    Effect.flatMap(source.sample(index), (sample) =>
      "captions" in sample
        ? Effect.succeed(sample)
        : Effect.map(labelOf(source, index), (label = "") => Object.assign({}, sample, { captions: [label] }))
    )
})

/** Returns all distinct labels of a source in the order of their code points: the classes. */
export const classesOf = Effect.fn("zeroShot.classesOf")(function* (source: Source) {
  const found = new Set<string>()
  yield* eachSample(
    source.count,
    (index) => labelOf(source, index),
    (label) => {
      if (Result.isSuccess(label) && label.success !== undefined) found.add(label.success)
    }
  )
  return [...found].sort()
})

/** Images with their labels, and the samples that could not be used, by id and reason. */
export interface LabelledItems {
  readonly images: readonly (ImageItem & { readonly label: string })[]
  readonly skipped: Details["skipped"]
}

/**
 * Lists the samples of a source with their labels; a sample without a label, or with an unusable image, is skipped and recorded
 * by id.
 */
export const listLabelled = Effect.fn("zeroShot.listLabelled")(function* (source: Source, host: readonly ReadyStage[]) {
  const stages = host.map(({ stage }) => stage)
  const added = stages.filter(({ reads }) => Object.hasOwn(reads, "image")).flatMap(({ adds }) => Object.keys(adds))
  const needed = new Set(stagesFor(stages, added))
  const readers = host.filter(({ stage }) => needed.has(stage))
  const images: (ImageItem & { readonly label: string })[] = []
  const skipped: { readonly id: string; readonly reason: string }[] = []
  const usable = Effect.fnUntraced(function* (index: number) {
    yield* runHost(readers, yield* sampleInput(source, index), null)
    return yield* labelOf(source, index)
  })
  yield* eachSample(source.count, usable, (read, index) => {
    const [id, group] = [source.id(index), source.group(index)]
    if (Result.isFailure(read)) skipped.push({ id, reason: read.failure.reason })
    else if (read.success === undefined) skipped.push({ id, reason: "no-label" })
    else images.push({ index, id, group, label: read.success })
  })
  return { images, skipped } satisfies LabelledItems
})
