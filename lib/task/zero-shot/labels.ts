import { Effect, Result } from "effect"
import { runHost, sampleInput } from "../../data/host/host.ts"
import type { ReadyStage } from "../../data/host/ready-stage.ts"
import type { Source } from "../../data/source.ts"
import { stagesFor } from "../../model/fields-program.ts"
import type { SampleError } from "../../pipeline/errors.ts"
import { eachSample } from "../each-sample.ts"
import type { ImageItem } from "../items.ts"
import type { Details } from "../task.ts"

/** The label of a sample, without reading its image. */
const labelOf = (source: Source, index: number): Effect.Effect<string | undefined, SampleError> =>
  Effect.map(source.texts(index, "label"), ([label]) => label)

/** The same source, whose samples have their label as a caption where they have none: what reads images may look at captions, too. */
export const captioned = (source: Source): Source => ({
  ...source,
  sample: (index) =>
    Effect.flatMap(source.sample(index), (sample) =>
      "captions" in sample
        ? Effect.succeed(sample)
        : Effect.map(labelOf(source, index), (label = "") => Object.assign({}, sample, { captions: [label] }))
    )
})

/** All labels of a source, each once, in the order of their code points: the classes that its samples are told apart by. */
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

/** Images with their labels, and the samples that could not be used: by id and reason. */
export interface LabelledItems {
  readonly images: readonly (ImageItem & { readonly label: string })[]
  readonly skipped: Details["skipped"]
}

/** Lists the samples of a source with their labels; one without a label, or whose image cannot be used, is skipped by name. */
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
