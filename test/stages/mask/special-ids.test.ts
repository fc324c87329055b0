import { assert, describe, it } from "@effect/vitest"
import type { FieldVocabulary, OpenedVocabulary, SpecialIds } from "../../../lib/pipeline/vocabulary.ts"
import { key } from "../../../lib/random/key.ts"
import { definition, mask, random, tokens } from "../../../stages/mask/index.ts"

const bert: SpecialIds = { pad: 0, unknown: 100, cls: 101, sep: 102, mask: 103 }
const opened = (special: SpecialIds, size = 512, file: string | null = "bert.json"): OpenedVocabulary => ({
  special,
  size,
  file,
  piece: String
})
const told = (settings: Parameters<typeof tokens>[0], known: FieldVocabulary | OpenedVocabulary) =>
  mask({ text: tokens(settings) } as { readonly text: ReturnType<typeof tokens> }).completed!({ tokens: known })
const specialOf = (stage: { readonly settings: unknown }) =>
  (stage.settings as { readonly text: { readonly special: SpecialIds } }).text.special

describe("a mask's special ids", () => {
  it("are the vocabulary's where its settings leave them open, and are recorded as settings", () => {
    const stage = told({ vocabulary: 512 }, opened(bert))
    assert.deepStrictEqual(specialOf(stage), bert)
    assert.isUndefined(stage.needsVocabulary)
    assert.deepStrictEqual(specialOf(definition.make(stage.settings)), bert)
    assert.deepStrictEqual(specialOf(told({ special: { mask: 103 } }, opened(bert))), bert)
  })

  it("given in the settings are those of the vocabulary, or refused with both", () => {
    const of =
      (special: SpecialIds, known = opened(bert)) =>
      () =>
        told({ special, vocabulary: 512 }, known)
    assert.throws(of({ cls: 2, mask: 4 }), "mask.text.special says cls 2, mask 4; the vocabulary has 101 and 103 (bert.json)")
    assert.throws(
      of({ pad: 0, unknown: 1, cls: 2, sep: 3, mask: 4 }, opened(bert, 512, null)),
      "mask.text.special says unknown 1, cls 2, sep 3, mask 4; the vocabulary has 100, 101, 102 and 103"
    )
    assert.throws(of({ sep: 1, mask: 5 }, opened({ pad: 0, mask: 5 })), "mask.text.special says sep 1; the vocabulary has none")
    assert.throws(
      of({ others: [7] }, opened({ ...bert, others: [7, 8] })),
      "mask.text.special says others 7; the vocabulary has 7, 8 (bert.json)"
    )
  })

  it("have a mask, of the vocabulary or else of the settings", () => {
    const t5: SpecialIds = { pad: 0, unknown: 2, sep: 1, others: [30, 31] }
    assert.throws(
      () => told({}, opened(t5)),
      "mask.text: the vocabulary has no token [MASK] or <mask>, so no word can be hidden behind one (bert.json)"
    )
    assert.deepStrictEqual(specialOf(told({ special: { mask: 31 } }, opened(t5))), { ...t5, mask: 31 })
  })

  it("leave words to be drawn, of those that the vocabulary has", () => {
    const drawn = (stage: ReturnType<typeof told>) => new Set(stage.noise["tokenRandom"]!.draw(key(1), [2000]))
    const few = drawn(told({ vocabulary: 512 }, opened({ ...bert, others: [104, 105] }, 108)))
    assert.deepStrictEqual(
      [...few].sort((a, b) => a - b),
      Array.from({ length: 108 }, (_, id) => id).filter((id) => ![0, 100, 101, 102, 103, 104, 105].includes(id))
    )
    assert.isAbove(Math.max(...drawn(told({ vocabulary: 512 }, { special: bert }))), 400)
    assert.throws(
      () => told({}, opened({ pad: 0, mask: 1 }, 2)),
      "mask.text: the vocabulary has no words beside its special ids (bert.json)"
    )
    assert.throws(() => told({ vocabulary: 512 }, opened(bert, 513)), "mask.text.vocabulary says 512 ids; the vocabulary has 513")
  })

  it("are asked for by a stage that masks words, and not by one that masks patches", () => {
    assert.deepStrictEqual(mask({ text: tokens() }).needsVocabulary, ["tokens"])
    assert.isUndefined(mask({ text: tokens({ special: { mask: 9 } }) }).needsVocabulary)
    const patches = mask({ image: random() })
    assert.deepStrictEqual([patches.needsVocabulary, patches.completed], [undefined, undefined])
  })
})
