import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { pairs, pipeline, pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { checkPipelineFile } from "../../../lib/pipeline/pipeline-data.ts"
import { images, labelled, questions, sampleKinds, texts } from "../../../lib/pipeline/sample-kinds.ts"
import { type SourceData, samples } from "../../../lib/pipeline/samples.ts"
import type { HostStage } from "../../../lib/pipeline/stage.ts"
import { type TrainSettings, trainSettings } from "../../../lib/pipeline/training-settings.ts"
import type { Fits } from "../../../lib/pipeline/wiring.ts"
import { type Fields, tensor, value } from "../../../lib/tensor/field.ts"

const training: TrainSettings = trainSettings({ batch: 2, steps: 1, learningRate: 1e-3, warmup: 0 })

const host = <N extends string, R extends Fields, A extends Fields>(stage: N, reads: R, adds: A): HostStage<N, R, A> => ({
  ...{ kind: "host", stage, as: stage, version: 1, settings: {}, momentum: false, reads, adds, sizes: {} },
  codec: { encode: () => new Uint8Array(), decode: () => undefined },
  prepare: () => Effect.succeed(undefined),
  draw: () => ({}) as never
})

const tokenize = host("tokenize", { captions: value<readonly string[]>()("strings") }, { tokens: tensor("int32", "tokens") })
const ask = host("ask", { question: value<string>()("string") }, { asked: tensor("int32", "tokens") })
const wrong = host("ask", { question: value<readonly string[]>()("strings") }, {})

const sentence = "tokenize reads 'captions' (strings), which no stage before it adds"
const other = "ask reads 'question' as strings, but here it is string"

/** The compiler's sentences for stages that read what a source does not give; wrong ones here do not compile. */
const messages: readonly [
  Fits<typeof sampleKinds.labelled, "host", typeof tokenize> & string,
  Fits<typeof sampleKinds.questions, "host", typeof wrong> & string
] = [sentence, other]

describe("a source of samples", () => {
  it("gives a pipeline the fields that it declares, and no others: the compiler's sentence is the loader's", () => {
    const built = pipeline("q", questions("vqa.json")).pipe(ask).train(training)
    assert.deepStrictEqual(Object.keys(built.fields), ["id", "group", "image", "question", "answers", "asked"])
    // @ts-expect-error its text is that of `messages`
    assert.throws(() => pipeline("p", labelled("flowers")).pipe(tokenize), `p: ${messages[0]}`)
    // @ts-expect-error its text is that of `messages`
    assert.throws(() => pipeline("p", questions("vqa.json")).pipe(wrong), `p: ${messages[1]}`)
    const data = toData(pipeline("p", pairs("a")).pipe(tokenize).train(training))
    const table = { stages: { tokenize: { name: "tokenize", settings: undefined as never, make: () => tokenize } } }
    const changed = { ...data, source: texts("a.txt") }
    assert.throws(() => loadPipeline(changed, table as never), `p: ${messages[0]}`)
  })

  it("is recorded with its fields, and pairs as they always were", () => {
    assert.deepStrictEqual(toData(pipeline("p", pairs("a", "b")).train(training)).source, { train: "a", heldOut: "b" })
    assert.deepStrictEqual(samples(sampleKinds.pairs, "a", "b"), pairs("a", "b"))
    const box = { ...sampleKinds.images, box: tensor("float32", "corners"), sourceText: value<string>()("string") }
    const sources: readonly SourceData<Fields>[] = [
      images("a"),
      texts("a"),
      labelled("a", "b"),
      questions("a"),
      samples(box, "a")
    ]
    for (const source of sources) {
      const given = pipeline("p", source).train(training)
      const data: unknown = JSON.parse(JSON.stringify(toData(given)))
      const loaded = loadPipeline(data, { stages: {}, tasks: {} })
      assert.deepStrictEqual(toData(loaded), toData(given))
      assert.deepStrictEqual(Object.keys(checkPipelineFile(data).source.fields ?? {}), Object.keys(source.fields ?? {}))
      assert.strictEqual(pipelineDigest(loaded), pipelineDigest(given))
      assert.notStrictEqual(pipelineDigest(given), pipelineDigest(pipeline("p", pairs("a")).train(training)))
    }
  })

  it("cannot declare what every sample has, or a name that no file can have", () => {
    const text = value<string>()("string")
    assert.throws(() => pipeline("p", samples({ id: text }, "a")), "p: the source declares 'id', which every sample has already")
    assert.throws(
      () => pipeline("p", samples({ "a.b": text }, "a")),
      "p: the source declares 'a.b': a field's name is letters and digits, a letter first"
    )
  })
})
