import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import type { TensorStage } from "../../../lib/pipeline/stage.ts"
import { key } from "../../../lib/random/key.ts"
import { dualEncoder, encode, sizes } from "../../../stages/encode/index.ts"
import { counting, freshParameters, runEagerly } from "../eager.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const model = dualEncoder(sizes.tiny, { vocabulary: 30, maxPositions: 8 })
const dims = { batch: 2, patches: 4, pixels: 12, tokens: 5 }
const patches = counting([2, 4, 12], (i) => Math.sin(i))
const fields = {
  patches,
  secondPatches: patches,
  tokens: tf.tensor2d([2, 7, 8, 3, 0, 2, 9, 5, 6, 3], [2, 5], "int32"),
  tokenMask: tf.tensor2d([1, 1, 1, 1, 0, 1, 1, 1, 1, 1], [2, 5], "bool")
}
const values = (x: tf.Tensor | undefined): readonly number[] => [...x!.dataSync()]
const distance = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))

describe("encode", () => {
  it("has the encoders whose kinds the model says, and a ViT and a BERT where it says none", () => {
    const said = dualEncoder(sizes.tiny, { vocabulary: 30, maxPositions: 8, imageKind: "vit", textKind: "bert" })
    const [whole, named] = [model, said].map((each) => encode({ model: each, passes: ["whole"] }) as TensorStage)
    assert.deepEqual(
      Object.entries(named!.parameters!(dims)).map(([name, { shape }]) => [name, shape]),
      Object.entries(whole!.parameters!(dims)).map(([name, { shape }]) => [name, shape])
    )
    assert.strictEqual("kind" in model.image || "kind" in model.text, false)
    const odd = { ...model, image: { ...model.image, kind: "odd" } } as unknown as typeof model
    assert.throws(() => encode({ model: odd, passes: ["whole"] }), /Expected "vit" at \["model"\]\["image"\]\["kind"\]/)
  })

  it("gives unit vectors of [CLS], patches and tokens", () => {
    const out = runEagerly([encode({ model, passes: ["whole"] }) as TensorStage], fields, dims, key(1)).fields
    for (const name of ["imageEmbedding", "textEmbedding", "patchEmbedding", "tokenEmbedding"])
      for (const length of values(tf.norm(out[name]!, "euclidean", -1))) assert.closeTo(length, 1, 1e-5)
  })

  it("masks nothing where the mask is empty, and hides what a masked patch holds", () => {
    const stage = encode({ model, passes: ["whole", "maskedImage"] }) as TensorStage
    const run = (mask: number[], of = patches) =>
      runEagerly([stage], { ...fields, patches: of, imageMask: tf.tensor2d(mask, [2, 4], "bool") }, dims, key(1)).fields
    const none = run([0, 0, 0, 0, 0, 0, 0, 0])
    assert.isBelow(distance(values(none["imageStates"]), values(none["maskedImage"])), 1e-6)
    const mask = [0, 1, 0, 0, 1, 1, 1, 1]
    const changed = counting([2, 4, 12], (i) => (mask[Math.floor(i / 12)] ? 9 : Math.sin(i)))
    assert.isBelow(distance(values(run(mask)["maskedImage"]), values(run(mask, changed)["maskedImage"])), 1e-6)
    assert.isAbove(distance(values(run(mask)["maskedImage"]), values(run(mask)["imageStates"])), 1e-3)
  })

  it("encodes the second view as it encodes the first", () => {
    const out = runEagerly([encode({ model, passes: ["whole", "secondView"] }) as TensorStage], fields, dims, key(1)).fields
    assert.deepEqual(values(out["imageStates"]), values(out["secondImage"]))
  })

  it("does not read what stands at padding", () => {
    const stage = encode({ model, passes: ["whole"] }) as TensorStage
    const other = { ...fields, tokens: tf.tensor2d([2, 7, 8, 3, 29, 2, 9, 5, 6, 3], [2, 5], "int32") }
    const text = (given: typeof fields) =>
      values(tf.slice(runEagerly([stage], given, dims, key(1)).fields["textStates"]!, [0, 0, 0], [1, 4, -1]))
    assert.isBelow(distance(text(fields), text(other)), 1e-6)
  })

  it("refuses a text longer than its positions", () => {
    const long = { ...fields, tokens: tf.zeros([2, 9], "int32"), tokenMask: tf.ones([2, 9], "bool") }
    assert.throws(
      () => runEagerly([encode({ model, passes: ["whole"] }) as TensorStage], long, { ...dims, tokens: 9 }, key(1)),
      "a text of encode should be at most 8 tokens long, but is 9 tokens long"
    )
  })

  it("declares the mask token only where something is masked, and decays matrices only", () => {
    const specs = (passes: Parameters<typeof encode>[0]["passes"]) => encode({ model, passes }).parameters(dims)
    assert.notInclude(Object.keys(specs(["whole", "secondView"])), "vit.embeddings.mask_token")
    const all = specs(["whole", "maskedImage", "maskedText"])
    assert.include(Object.keys(all), "vit.embeddings.mask_token")
    for (const [name, { shape, decay }] of Object.entries(all))
      assert.equal(decay, name.endsWith(".weight") && shape.length === 2 && !name.includes("position_embeddings"), name)
    const { student } = freshParameters([encode({ model, passes: ["whole"] }) as TensorStage], dims, key(1))
    assert.isTrue([...student.values()].every((x) => values(x).every(Number.isFinite)))
  })
})
