import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import { assert, beforeAll, describe, it } from "vitest"
import { type Binds, bind } from "../../../lib/pipeline/bind.ts"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { type pairFields, pairs, pipeline, pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import type { HostStage, TensorStage } from "../../../lib/pipeline/stage.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import type { Fits } from "../../../lib/pipeline/wiring.ts"
import { momentum } from "../../../lib/pipeline/with-weights.ts"
import { key } from "../../../lib/random/key.ts"
import type { Show } from "../../../lib/tensor/field.ts"
import { stages } from "../../../pipelines/stages.ts"
import { align, itc } from "../../../stages/align/index.ts"
import { dualEncoder, encode, sizes } from "../../../stages/encode/index.ts"
import { mask, tokens } from "../../../stages/mask/index.ts"
import { patchify } from "../../../stages/patchify/index.ts"
import { tokenize, trained } from "../../../stages/tokenize/index.ts"
import { counting, runEagerly } from "../../stages/eager.ts"
import { thrownMessage } from "../../thrown-message.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(value: T): T => value

const vocabulary = 64
const model = dualEncoder(sizes.tiny, { vocabulary })
const text = (length: number) => tokenize({ vocabulary: trained({ size: vocabulary }), length })
const answer = {
  tokens: "answer.tokens",
  tokenMask: "answer.tokenMask",
  textStates: "answer.textStates",
  textEmbedding: "answer.textEmbedding",
  tokenEmbedding: "answer.tokenEmbedding"
} as const
const other = {
  patches: "other.patches",
  imageStates: "other.imageStates",
  imageEmbedding: "other.imageEmbedding",
  patchEmbedding: "other.patchEmbedding"
} as const
const { tokens: answerTokens, tokenMask, ...answerAdds } = answer
const { patches: otherPatches, ...otherAdds } = other
const answerSize = { tokens: "answerTokens" } as const

const answerText = bind(text(5), {
  as: "tokenize.answer",
  adds: { tokens: answerTokens, tokenMask, caption: "answer.caption" },
  dims: answerSize
})
const otherImage = bind(patchify({ size: 32, patch: 8 }), { as: "patchify.other", adds: { patches: otherPatches } })
const encoded = encode({ model, passes: ["whole"] })
const encodedOther = bind(encode({ model, passes: ["whole"] }), {
  as: "encode.other",
  reads: { tokens: answerTokens, tokenMask, patches: otherPatches },
  adds: { ...answerAdds, ...otherAdds },
  dims: answerSize
})

const twice = () =>
  pipeline("twice", pairs("embedded:emoji-tiny"))
    .pipe(text(9))
    .pipe(answerText)
    .pipe(patchify({ size: 32, patch: 8 }))
    .pipe(otherImage)
    .pipe(encoded)
    .pipe(encodedOther)
    .train(trainSettings({ batch: 2, steps: 1, learningRate: 1e-3 }))

describe("a stage used again under other names", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu")
  })

  it("stands beside itself: two texts of two lengths and two images, each encoded by one model", () => {
    const made = twice()
    assert.equal(made.sizes["tokens"], 9)
    assert.equal(made.sizes["answerTokens"], 5)
    const tensors = made.stages.filter((stage) => stage.kind === "tensor")
    const ids = (length: number) => counting([2, length], (i) => i % vocabulary, "int32")
    const real = (length: number) => counting([2, length], () => 1, "bool")
    const image = (phase: number) => counting([2, 16, 192], (i) => Math.sin(i + phase))
    const given = {
      tokens: ids(9),
      tokenMask: real(9),
      patches: image(0),
      "answer.tokens": ids(5),
      "answer.tokenMask": real(5),
      "other.patches": image(1)
    }
    const { fields } = runEagerly(tensors, given, { ...made.sizes, batch: 2 }, key(1))
    assert.deepEqual(fields["answer.textStates"]!.shape, [2, 5, 64])
    assert.deepEqual(fields["textStates"]!.shape, [2, 9, 64])
    const alone = { ...given, patches: given["other.patches"], tokens: ids(5), tokenMask: real(5) }
    const once = runEagerly(tensors.slice(0, 1), alone, { ...made.sizes, batch: 2, tokens: 5 }, key(1)).fields
    assert.deepEqual([...fields["other.imageEmbedding"]!.dataSync()], [...once["imageEmbedding"]!.dataSync()])
    assert.deepEqual([...fields["answer.textStates"]!.dataSync()], [...once["textStates"]!.dataSync()])
    const names = tensors.map((stage) => Object.keys(stage.parameters(made.sizes)))
    assert.deepEqual(names[0], names[1])
  })

  it("is wired by the new names, in types and at run time", () => {
    holds<Same<Show<(typeof answerText)["adds"]["answer.tokens"]>, "int32[answerTokens]">>(true)
    holds<Same<Show<(typeof encodedOther)["adds"]["answer.textStates"]>, "float32[batch, answerTokens, width]">>(true)
    type Sentence =
      | "encode reads 'answer.tokens' (int32[batch, answerTokens]), which no stage before it adds"
      | "encode reads 'answer.tokenMask' (bool[batch, answerTokens]), which no stage before it adds"
      | "encode reads 'other.patches' (float32[batch, patches, pixels]), which no stage before it adds"
    holds<Same<Fits<typeof pairFields, "host", typeof encodedOther>, Sentence>>(true)
    assert.equal(
      thrownMessage(() => pipeline("p", pairs("x")).pipe(encodedOther as never)),
      "p: encode reads 'other.patches' (float32[batch, patches, pixels]), which no stage before it adds"
    )
  })

  it("refuses what the stage does not have, by the compiler and at run time", () => {
    holds<Same<Binds<typeof encoded, { readonly reads: { readonly words: "x" } }>, "encode reads no 'words'">>(true)
    const unknown = () => {
      // @ts-expect-error encode reads no 'words'
      bind(encoded, { reads: { words: "x" } })
    }
    assert.equal(
      thrownMessage(unknown),
      "encode reads no 'words', so it cannot be bound to 'x'; it reads patches, tokens, tokenMask"
    )
    const size = () => bind(encoded, { dims: { rows: "x" } })
    assert.include(thrownMessage(size), "encode has no dimension 'rows', so it cannot be bound to 'x'")
    const both = () => bind(text(4), { adds: { tokens: "a", tokenMask: "a" } })
    assert.equal(thrownMessage(both), "tokenize adds 'a' twice")
    const after = () => bind(momentum(encoded), { reads: { patches: "x" } })
    assert.include(thrownMessage(after), "bind the stage itself")
    const kind = () => bind(text(4), { add: { tokens: "a" } } as never)
    assert.equal(thrownMessage(kind), "tokenize cannot be bound by 'add', only by as, reads, adds, dims")
    assert.include(
      thrownMessage(() => bind(text(4), { adds: { tokens: "1x" } })),
      "tokenize cannot be bound to '1x': a name is"
    )
    const taught = () => bind(text(4), { adds: { tokens: "teacher.x" } })
    assert.equal(thrownMessage(taught), "tokenize cannot add 'teacher.x': such names are those of momentum stages")
    const same = () => bind(encoded, { reads: { tokens: "patches" } })
    assert.include(
      thrownMessage(same),
      "encode reads 'patches' twice, as patches (float32[batch, patches, pixels]) and as tokens (int32"
    )
  })

  it("is data: the pipeline that is loaded is the one that was written, with its digest", () => {
    const made = twice()
    const data = JSON.parse(JSON.stringify(toData(made)))
    const loaded = loadPipeline(data, { stages, tasks: {} })
    assert.deepEqual(toData(loaded), toData(made))
    assert.equal(pipelineDigest(loaded), pipelineDigest(made))
    assert.deepEqual(Object.keys(loaded.fields), Object.keys(made.fields))
    assert.isUndefined(data.stages[0].bind)
    data.stages[1].bind.adds = { words: "x" }
    assert.include(
      thrownMessage(() => loadPipeline(data, { stages, tasks: {} })),
      "twice: tokenize adds no 'words'"
    )
  })

  it("keeps what else hangs on names: the teacher's prefix, other pairs' rows, vocabularies", () => {
    const teacher = momentum(bind(encoded, { adds: { imageStates: "other.imageStates" } }))
    holds<Same<keyof typeof teacher.adds & `${string}other${string}`, "teacher.other.imageStates">>(true)
    assert.include(Object.keys(teacher.adds), "teacher.other.imageStates")
    const contrast: TensorStage = bind(align({ contrastive: itc({ queue: 0 }) }), {
      reads: { imageStates: "other.imageStates" },
      adds: { negativeImage: "other.negativeImage", imageNegative: "other.imageNegative" }
    })
    assert.deepEqual(contrast.batchwise?.selects["other.negativeImage"], { from: "other.imageStates", by: "other.imageNegative" })
    const hidden: TensorStage = bind(mask({ text: tokens() }), { reads: { tokens: answerTokens, tokenMask } })
    assert.deepEqual(hidden.needsVocabulary, [answerTokens])
    const told = hidden.completed!({ [answerTokens]: { special: { pad: 0, unknown: 1, cls: 2, sep: 3, mask: 7 } } })
    assert.deepInclude((told.settings as { text: object }).text, { special: { pad: 0, unknown: 1, cls: 2, sep: 3, mask: 7 } })
    assert.deepEqual(Object.keys(told.reads), Object.keys(hidden.reads))
    assert.deepEqual(Object.keys(answerText.vocabularies ?? {}), [answerTokens])
  })

  it("bound again it has the last names", () => {
    const again: TensorStage = bind(bind(encoded, { reads: { patches: "a" } }), { reads: { a: "b", tokens: "c" } } as never)
    assert.deepEqual(again.bind, { reads: { patches: "b", tokens: "c" } })
    assert.deepEqual(Object.keys(again.reads), ["b", "c", "tokenMask"])
  })

  it("prepares and draws a sample under the new names", async () => {
    const shout: HostStage = {
      ...(text(3) as HostStage),
      prepare: (sample) => Effect.succeed(sample),
      draw: (prepared) => ({ caption: String((prepared as { captions: readonly string[] }).captions[0]) }) as never
    }
    const stage = bind(shout, { reads: { captions: "questions" }, adds: { caption: "question" } } as never) as HostStage
    const prepared = await Effect.runPromise(stage.prepare({ questions: ["why?"] } as never))
    assert.deepEqual(stage.draw(prepared, null) as object, { question: "why?" })
  })
})
