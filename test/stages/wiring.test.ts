import { assert, describe, it } from "vitest"
import { chain } from "../../lib/pipeline/pipeline.ts"
import type { Known } from "../../lib/pipeline/settings.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import type { Fits } from "../../lib/pipeline/wiring.ts"
import { momentum } from "../../lib/pipeline/with-weights.ts"
import type { Batched, Show } from "../../lib/tensor/field.ts"
import { agreement, align, definition as alignRow, itc, itm } from "../../stages/align/index.ts"
import { dualEncoder, encode, definition as encodeRow, sizes } from "../../stages/encode/index.ts"
import { crossModal, fuse, definition as fuseRow } from "../../stages/fuse/index.ts"
import { blockWise, mask, definition as maskRow, random, textGuided, tokens } from "../../stages/mask/index.ts"
import { mlm, prototypeHead, reconstruct, definition as reconstructRow, semantic } from "../../stages/reconstruct/index.ts"
import { thrownMessage } from "../thrown-message.ts"
import { goldenStages } from "./golden.ts"
import { hostFields } from "./semmim-stages.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(value: T): T => value

const model = dualEncoder(sizes.tiny, { vocabulary: 200 })
const fusion = crossModal(sizes.tiny)
const space = prototypeHead(sizes.tiny.space)
type Host = typeof hostFields

describe("what stages read and add, in types and at run time", () => {
  it("a text-guided mask needs the teacher's states, and says which", () => {
    const guided = mask({ image: textGuided({ ratio: 0.5 }) })
    type Sentence =
      | "mask reads 'teacher.patchEmbedding' (float32[batch, patches, embedding]), which no stage before it adds"
      | "mask reads 'teacher.textEmbedding' (float32[batch, embedding]), which no stage before it adds"
    holds<Same<Fits<Host, "tensor", typeof guided>, Sentence>>(true)
    // @ts-expect-error the same sentence
    const wrong = () => chain(hostFields).pipe(guided)
    assert.equal(
      thrownMessage(wrong),
      "chain: mask reads 'teacher.patchEmbedding' (float32[batch, patches, embedding]), which no stage before it adds"
    )
    holds<Same<Fits<Host, "tensor", ReturnType<typeof randomMask>>, ReturnType<typeof randomMask>>>(true)
  })

  const randomMask = () => mask({ image: random({ ratio: 0.75 }) })

  it("each relevance reads its own fields", () => {
    const attended = mask({ image: textGuided({ relevance: "crossAttention" }) })
    const words = mask({ image: textGuided({ relevance: "words" }), text: tokens() })
    holds<Same<keyof typeof attended.reads, "teacher.crossAttention">>(true)
    holds<Same<keyof typeof words.reads, "teacher.patchEmbedding" | "teacher.tokenEmbedding" | "tokenMask" | "tokens">>(true)
    assert.deepEqual(Object.keys(attended.reads), ["teacher.crossAttention"])
    assert.deepEqual(Object.keys(mask({ image: blockWise() }).reads), [])
  })

  it("an encoder run with momentum reads the same data and adds the teacher's states", () => {
    const teacher = momentum(encode({ model, passes: ["maskedImage"] }))
    holds<Same<keyof typeof teacher.adds, "teacher.maskedImage">>(true)
    holds<Same<Show<(typeof teacher.reads)["imageMask"]>, "bool[batch, patches]">>(true)
    const whole = encode({ model, passes: ["whole", "secondView"] })
    holds<Same<Show<(typeof whole.adds)["secondImage"]>, "float32[batch, patches+1, width]">>(true)
  })

  it("host fields gain the batch, so that the encoder fits behind patchify", () => {
    type Sample = {
      readonly patches: { readonly dtype: "float32"; readonly dims: readonly ["patches", "pixels"]; readonly origin: "data" }
    }
    holds<Same<Show<Batched<Sample>["patches"]>, Show<Host["patches"]>>>(true)
  })

  it("losses read what they are made from", () => {
    const contrast = align({ contrastive: itc({ queue: 16 }), agreement: agreement({ space }) })
    holds<
      Same<keyof typeof contrast.adds, "imageNegative" | "textNegative" | "negativeImage" | "negativeText" | "negativeTokenMask">
    >(true)
    const matching = align({ matching: itm() })
    holds<Same<keyof typeof matching.reads, "fusedText" | "textOfNegativeImage" | "textOfNegativeText">>(true)
    const score = align({ score: true })
    holds<Same<keyof typeof score.adds, "matchProbability">>(true)
    const targets = reconstruct({ image: semantic({ space }) })
    holds<Same<keyof typeof targets.reads, "teacher.fusedImage" | "fusedMaskedImage" | "maskedPatches">>(true)
    const negatives = fuse({ fusion, passes: ["negatives"] })
    holds<Same<keyof typeof negatives.adds, "textOfNegativeImage" | "textOfNegativeText">>(true)
    assert.deepEqual(Object.keys(negatives.reads), [
      "negativeImage",
      "imageStates",
      "textStates",
      "negativeText",
      "tokenMask",
      "negativeTokenMask"
    ])
  })

  it("losses without a share of the teacher's read no teacher", () => {
    const contrast = align({ contrastive: itc({ queue: 16, alpha: 0 }) })
    holds<Same<keyof typeof contrast.reads & `teacher.${string}`, never>>(true)
    const words = reconstruct({ text: mlm({ alpha: 0 }) })
    holds<Same<keyof typeof words.reads & `teacher.${string}`, never>>(true)
    for (const stage of [contrast, words] as readonly TensorStage[]) {
      assert.deepEqual(
        Object.keys(stage.reads).filter((name) => name.startsWith("teacher.")),
        []
      )
      assert.deepEqual(stage.teacherParameters({ width: 8, vocabulary: 16 }), [])
      assert.notProperty(stage.scalars, "alpha")
    }
  })

  it("a pass of one's own is wired by its own names", () => {
    const pass = { image: { patches: "crops", visiblePatches: "kept", states: "cropStates", embedding: "crop" } } as const
    const cropped = encode({ model, passes: ["maskedText", pass] })
    holds<Same<keyof typeof cropped.reads, "crops" | "kept" | "maskedTokens" | "tokenMask">>(true)
    holds<Same<Show<(typeof cropped.adds)["cropStates"]>, "float32[batch, visible+1, width]">>(true)
    assert.deepEqual(Object.keys(cropped.reads), ["maskedTokens", "tokenMask", "crops", "kept"])
    assert.deepEqual(Object.keys(cropped.adds), ["maskedText", "cropStates", "crop"])
    const made = encodeRow.make(JSON.parse(JSON.stringify(cropped.settings)))
    assert.deepEqual(made.adds, cropped.adds)
  })

  it("parameters of a model, a fusion and a head with names of their own begin with those", () => {
    const second = dualEncoder(sizes.tiny, { vocabulary: 200, name: "second" })
    const names = (stage: TensorStage) => Object.keys(stage.parameters({ patches: 4, pixels: 12, width: 64, vocabulary: 200 }))
    const [plain, other] = [model, second].map((each) => names(encode({ model: each, passes: ["whole"] })))
    assert.deepEqual(
      other,
      plain!.map((name) => `second.${name}`)
    )
    const all = (start: string, stage: TensorStage) => assert.isTrue(names(stage).every((name) => name.startsWith(start)))
    all("crossing.", fuse({ fusion: crossModal(sizes.tiny, { name: "crossing" }), passes: ["whole"] }))
    all("meanings.", reconstruct({ image: semantic({ space: prototypeHead({ ...sizes.tiny.space, name: "meanings" }) }) }))
    all("second.", align({ contrastive: itc({ queue: 16, model: "second" }), matching: itm({ model: "second" }) }))
    all("second.", reconstruct({ text: mlm({ model: "second" }) }))
  })

  it("two passes that add the same field are refused", () => {
    assert.equal(
      thrownMessage(() => fuse({ fusion, passes: ["whole", "attention"] })),
      "fuse: fuse adds 'fusedImage' twice"
    )
  })
})

describe("settings", () => {
  it("an unknown setting is refused with a sentence, by the compiler and at run time", () => {
    const ration = () => {
      // @ts-expect-error textGuided has no setting 'ration'
      textGuided({ ration: 0.5 })
    }
    assert.equal(thrownMessage(ration), "textGuided has no setting 'ration'")
    const pass = () => {
      // @ts-expect-error encode has no setting 'pass'
      encode({ model, passes: ["whole"], pass: 1 })
    }
    assert.equal(thrownMessage(pass), "encode has no setting 'pass'")
    const contrast = () => {
      // @ts-expect-error align has no setting 'contrast'
      align({ contrast: itc() })
    }
    assert.equal(thrownMessage(contrast), "align has no setting 'contrast'")
    const half = () => {
      // @ts-expect-error a ratio is a number
      random({ ratio: "half" })
    }
    assert.include(thrownMessage(half), "random: Expected")
    holds<Same<Known<"textGuided", { readonly ratio?: number }, { readonly ration: 1 }>, "textGuided has no setting 'ration'">>(
      true
    )
    assert.equal(
      thrownMessage(() => prototypeHead(JSON.parse('{"size":1}'))),
      "prototypeHead has no setting 'size'"
    )
  })

  it("a model and a fusion must have widths that fit", () => {
    const text = { ...model.text, width: 32 }
    assert.include(
      thrownMessage(() => encode({ model: { ...model, text }, passes: ["whole"] })),
      "the encoders' widths are 64 and 32"
    )
    assert.include(
      thrownMessage(() => fuse({ fusion: { ...fusion, heads: 3 }, passes: ["whole"] })),
      "does not divide into 3 heads"
    )
  })

  it("stages made from data are the stages that were written", () => {
    const rows = { encode: encodeRow, mask: maskRow, fuse: fuseRow, reconstruct: reconstructRow, align: alignRow }
    for (const stage of goldenStages) {
      const kind = stage.stage.replace(/^momentum\((.*)\)$/, "$1") as keyof typeof rows
      const settings = JSON.parse(JSON.stringify(stage.settings))
      const made = rows[kind].make(settings, stage.as.replace(/^teacher\./, ""))
      assert.deepEqual(made.settings, stage.settings)
      if ((stage.kind === "tensor" && stage.weights !== "student") || made.kind !== "tensor") continue
      assert.deepEqual(Object.keys(made.reads), Object.keys(stage.reads))
      assert.deepEqual(Object.keys(made.adds), Object.keys(stage.adds))
      assert.equal(made.as, stage.as)
    }
    assert.equal(
      thrownMessage(() => maskRow.make({ image: { _tag: "textGuided", ration: 0.5 } })),
      "textGuided has no setting 'ration'"
    )
    assert.equal(
      thrownMessage(() => maskRow.make({ image: { _tag: "guided" } })),
      "mask.image is one of textGuided, random, blockWise, not 'guided'"
    )
  })
})
