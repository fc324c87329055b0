import { Effect } from "effect"
import { deadCode } from "../compiler/passes/dead-code.ts"
import type { Program } from "../compiler/program.ts"
import { runHost, type SampleInput, sampleInput } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineError, EngineSession, Executable } from "../engine/engine.ts"
import { firstRows, padRows, stack } from "../model/batches.ts"
import { feedsOf, onlyOutputs } from "../model/feeds.ts"
import { chainPipeline, fieldsProgram, stagesFor } from "../model/fields-program.ts"
import type { Layout } from "../model/layout.ts"
import type { Side } from "../model/side.ts"
import type { SampleError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { type Stages, taskStates } from "../pipeline/task.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { EvaluateError } from "./evaluate-error.ts"
import { type Items, textInput } from "./items.ts"
import type { Score } from "./retrieval/pair-scores.ts"

/** Encoders of a model that embeds images and texts separately, and the scorer of image-text pairs. */
export interface Encoders {
  readonly images: Side<EngineError | SampleError>
  readonly texts: Side<EngineError | SampleError>
  /** Absent without a chain of stages that scores pairs. */
  readonly score: Score<EngineError> | undefined
}

/** Parts of one side: its program, its input fields, and the host and model fields that scoring reads. */
export interface SidePlan {
  readonly program: Program
  readonly feeds: readonly string[]
  readonly hostStates: readonly string[]
  readonly states: readonly string[]
}

/** Both sides of a pipeline. */
export interface EncoderPlan {
  readonly images: SidePlan
  readonly texts: SidePlan
}

/** Returns the error in encoding, which is the same for every task. */
const fault = (reason: string): EvaluateError => new EvaluateError({ task: "encoding", reason })

/** Returns the origin of a host field, the sample's image or its captions, by following what host stages read. */
const originOf = (pipeline: Pipeline, field: string): "image" | "captions" | "none" => {
  const reads = new Set(stagesFor(pipeline.stages, [field]).flatMap((stage) => Object.keys(stage.reads)))
  if (reads.has("image")) return "image" // patchify reads captions too, to find out whether they name a side
  return reads.has("captions") ? "captions" : "none"
}

/**
 * Divides the embeddings and some states (those from which tasks' own stages start, by default) between images and texts: a field
 * belongs to the side whose host fields it is computed from. Throws an `EvaluateError` for a field computed from both sides or
 * from noise, and a `WiringError` for a field that does not exist.
 */
export const planEncoders = (
  pipeline: Pipeline,
  layout: Layout,
  batch: number,
  who: TrainedSet,
  scored: readonly string[] = taskStates(pipeline)
): EncoderPlan => {
  const added = new Set(pipeline.stages.filter((stage) => stage.kind === "tensor").flatMap((stage) => Object.keys(stage.adds)))
  const states = scored.filter((name) => added.has(name))
  const program = fieldsProgram(pipeline, layout, batch, who, [...new Set(["imageEmbedding", "textEmbedding", ...states])])
  const sideOf = (output: string): "image" | "captions" => {
    const feeds = added.has(output) ? feedsOf(program, output) : [output]
    const origins = new Set(feeds.map((feed) => originOf(pipeline, feed)))
    const [origin] = origins
    if (origins.size === 1 && (origin === "image" || origin === "captions")) return origin
    throw fault(`'${output}' is made from ${feeds.join(", ")}, not from the image alone or the caption alone`)
  }
  const plan = (origin: "image" | "captions", embedding: string): SidePlan => {
    if (sideOf(embedding) !== origin) throw fault(`'${embedding}' is not made from the ${origin}`)
    const mine = states.filter((name) => sideOf(name) === origin)
    const side = deadCode(onlyOutputs(program, [embedding, ...mine]))
    const feeds = side.inputs.filter((input) => "feed" in input.source).map((input) => input.name)
    return {
      program: side,
      feeds,
      states: mine,
      hostStates: scored.filter((name) => !added.has(name) && sideOf(name) === origin)
    }
  }
  return { images: plan("image", "imageEmbedding"), texts: plan("captions", "textEmbedding") }
}

const side = (
  groups: Int32Array,
  plan: SidePlan,
  embedding: string,
  executable: Executable,
  batch: number,
  host: readonly ReadyStage[],
  input: (item: number) => Effect.Effect<SampleInput, SampleError>
): Side<EngineError | SampleError> => {
  const fields = [...new Set([...plan.feeds, ...plan.hostStates])]
  const hostStages = host.map(({ stage }) => stage)
  const needed = new Set(stagesFor(hostStages, fields))
  const only = host.filter(({ stage }) => needed.has(stage))
  const values = Effect.fnUntraced(function* (item: number) {
    return yield* runHost(only, yield* input(item), null)
  })
  const encode = Effect.fnUntraced(function* (items: readonly number[]) {
    const samples = yield* Effect.forEach(items, values, { concurrency: 4 })
    const outputs = yield* executable.run(padRows(stack(samples, plan.feeds), items.length, batch))
    const { [embedding]: rows, ...states } = firstRows(outputs, items.length, batch)
    return {
      embedding: rows as Float32Array, // imageEmbedding and textEmbedding are float32
      states: { ...Object.fromEntries(plan.states.map((name) => [name, states[name]!])), ...stack(samples, plan.hostStates) }
    }
  })
  return { groups, encode }
}

/** Traces the scoring of a batch of encoded pairs: `matchProbability` [batch] from the fields that a chain starts from. */
export const scoreProgram = (pipeline: Pipeline, layout: Layout, chain: Stages, batch: number, who: TrainedSet): Program =>
  fieldsProgram(chainPipeline(pipeline, chain), layout, batch, who, ["matchProbability"])

/** A pipeline's encoders and scorer, compiled for one batch size; they can run on any items. */
export interface CompiledEncoders {
  readonly plan: EncoderPlan
  readonly batch: number
  readonly image: Executable
  readonly text: Executable
  readonly score: Executable | undefined
}

/** Options of compiling encoders: the batch size, the weight set, and the chain that scores pairs, if any. */
export interface EncoderOptions {
  readonly batch: number
  readonly who: TrainedSet
  readonly chain?: Stages
  /** States to encode beside the embeddings; by default those of all tasks. */
  readonly states?: readonly string[]
}

/**
 * Compiles a pipeline's encoders and its pair scorer on a session whose buffers `student` (and `teacher`) hold its parameters.
 * Fails with an `EvaluateError` where a field cannot be encoded once per item, or with an `EngineError`.
 */
export const compileEncoders = Effect.fn("evaluate.compileEncoders")(function* (
  session: EngineSession,
  pipeline: Pipeline,
  layout: Layout,
  { batch, who, chain, states = taskStates(pipeline) }: EncoderOptions
) {
  const planned = yield* Effect.try({
    try: () => ({
      plan: planEncoders(pipeline, layout, batch, who, states),
      scorer: chain && chain.stages.length > 0 ? scoreProgram(pipeline, layout, chain, batch, who) : undefined
    }),
    catch: (error) => (error instanceof EvaluateError ? error : fault(error instanceof Error ? error.message : String(error)))
  })
  const { plan, scorer } = planned
  const image = yield* session.compile(`evaluate.image.${who}`, plan.images.program)
  const text = yield* session.compile(`evaluate.text.${who}`, plan.texts.program)
  const score = scorer ? yield* session.compile(`evaluate.score.${who}`, scorer) : undefined
  return { plan, batch, image, text, score } satisfies CompiledEncoders
})

/** Binds compiled encoders to the items of a source. */
export const encodersOf = (
  { plan, batch, image, text, score: scorer }: CompiledEncoders,
  host: readonly ReadyStage[],
  source: Source,
  items: Items
): Encoders => {
  const groupsOf = (all: readonly { readonly group: number }[]): Int32Array => Int32Array.from(all, ({ group }) => group)
  return {
    images: side(groupsOf(items.images), plan.images, "imageEmbedding", image, batch, host, (item) =>
      sampleInput(source, items.images[item]!.index)
    ),
    texts: side(groupsOf(items.texts), plan.texts, "textEmbedding", text, batch, host, (item) =>
      Effect.succeed(textInput(items.texts[item]!))
    ),
    score: scorer
      ? (rows, pairs) =>
          Effect.map(
            scorer.run(padRows(rows, pairs, batch)),
            (outputs) => (outputs["matchProbability"] as Float32Array).subarray(0, pairs) // a probability is float32
          )
      : undefined
  }
}

/** Compiles a pipeline's encoders and scorer for the items of a source (`compileEncoders`). */
export const openEncoders = Effect.fn("evaluate.openEncoders")(function* (
  session: EngineSession,
  pipeline: Pipeline,
  layout: Layout,
  host: readonly ReadyStage[],
  source: Source,
  items: Items,
  options: EncoderOptions
) {
  return encodersOf(yield* compileEncoders(session, pipeline, layout, options), host, source, items)
})
