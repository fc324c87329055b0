import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { lrMultipliers } from "../../../lib/model/lr-multipliers.ts"
import { seed } from "../../seed.ts"

const names = [
  "vit.embeddings.cls_token",
  "vit.embeddings.patch_embeddings.projection.weight",
  "vit.encoder.layer.0.attention.attention.query.weight",
  "vit.encoder.layer.1.output.dense.bias",
  "vit.encoder.layer.2.output.dense.bias",
  "vit.layernorm.weight",
  "bert.embeddings.word_embeddings.weight",
  "bert.encoder.layer.0.output.dense.bias",
  "fusion.text.layer.0.output.dense.bias",
  "itm_head.weight"
]
const scales = (settings: Parameters<typeof lrMultipliers>[1]) => [...lrMultipliers("p", settings, names).values()]

/** Whether a name fits a pattern, character by character. */
const globbed = (pattern: string, name: string): boolean => {
  if (pattern === "") return name === ""
  if (pattern[0] === "*") return globbed(pattern.slice(1), name) || (name !== "" && globbed(pattern, name.slice(1)))
  return pattern[0] === name[0] && globbed(pattern.slice(1), name.slice(1))
}

describe("lrMultipliers", () => {
  it("are 1 unless the settings say otherwise", () => {
    assert.deepEqual(new Set(scales({})), new Set([1]))
  })

  it("take the last pattern that fits a name", () => {
    const learningRates = [
      { match: "vit.*", scale: 0 },
      { match: "*.bias", scale: 2 }
    ]
    assert.deepEqual(scales({ learningRates }), [0, 0, 0, 2, 2, 0, 1, 2, 2, 1])
  })

  it("fall with each layer of an encoder below its end, the embeddings lowest, everything else 1, as BEiT is fine-tuned", () => {
    assert.deepEqual(scales({ layerDecay: 0.5 }), [1 / 16, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1 / 4, 1 / 2, 1, 1])
    const both = { layerDecay: 0.5, learningRates: [{ match: "bert.*", scale: 3 }] }
    assert.deepEqual(scales(both).slice(6), [3 / 4, 3 / 2, 1, 1])
  })

  it("refuse a pattern that fits no parameter, naming those most like it", () => {
    assert.throws(
      () => scales({ learningRates: [{ match: "vit.encoder.layers.*", scale: 0 }] }),
      /training\.learningRates: 'vit\.encoder\.layers\.\*' fits no parameter; the nearest are vit\.encoder\.layer\./
    )
    assert.throws(() => scales({ learningRates: [{ match: "vit(.*", scale: 0 }] }), /'vit\(\.\*' fits no parameter/)
    assert.throws(() => scales({ learningRates: [{ match: "*", scale: 0 }] }), /so nothing is trained/)
    assert.throws(
      () => lrMultipliers("p", { layerDecay: 0.9 }, ["head.weight"]),
      /layerDecay: no parameter is of an encoder's layer/
    )
  })

  it("hold for every pattern of characters and stars: refused, or every name that fits has the scale", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 5 })
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 1, maxLength: 6 }), pattern, (all, match) => {
        const fitting = all.filter((name) => globbed(match, name))
        if (fitting.length === 0)
          assert.throws(() => lrMultipliers("p", { learningRates: [{ match, scale: 2 }] }, all), `'${match}'`)
        else
          assert.deepEqual(
            [...lrMultipliers("p", { learningRates: [{ match, scale: 2 }] }, all)]
              .filter(([, scale]) => scale === 2)
              .map(([name]) => name),
            fitting
          )
      }),
      { seed, numRuns: 300 }
    )
  })
})
