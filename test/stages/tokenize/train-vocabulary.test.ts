import { hash } from "node:crypto"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { loadCatalogue, selectPairs } from "../../../lib/data/emoji/catalogue.ts"
import { emojiDefaults, loadCaptions } from "../../../lib/data/emoji/emoji-source.ts"
import { makeTokenizer } from "../../../stages/tokenize/tokenizer.ts"
import {
  countWords,
  trainVocabulary,
  type VocabularySettings,
  vocabularyDefaults
} from "../../../stages/tokenize/train-vocabulary.ts"
import { specialTokens } from "../../../stages/tokenize/word-piece-file.ts"
import { seed } from "../../seed.ts"

const corpus = ["low lower lowest", "new newer newest", "wide wider widest", "low new wide", "Éte été", "日本 日", "a-b"]
const settings = { size: 220, alphabet: vocabularyDefaults.alphabet }
const learned = (texts: Iterable<string>, given: VocabularySettings = settings) => {
  const words = countWords()
  for (const text of texts) words.add(text)
  return trainVocabulary(words.done(), given)
}
const pieces = (texts: Iterable<string>, size = settings.size) => Object.keys(learned(texts, { ...settings, size }).model.vocab)

describe("trainVocabulary", () => {
  it("starts with the special tokens, then single characters, then pieces by how often they help", () => {
    const vocabulary = pieces(corpus)
    assert.deepStrictEqual(
      vocabulary.filter((piece) => piece.startsWith("[") && piece.length > 1),
      [...specialTokens]
    )
    for (const piece of ["a", "##a", "é", "日", "##z"]) assert.include(vocabulary, piece)
    for (const piece of ["low", "new", "wide", "##est"]) assert.include(vocabulary, piece)
    assert.isAtMost(vocabulary.length, settings.size)
  })

  it("has ids without gaps", () => {
    const { vocab } = learned(corpus).model
    assert.deepStrictEqual(
      Object.values(vocab).sort((a, b) => a - b),
      Object.values(vocab).map((_, id) => id)
    )
  })

  it("does not depend on the order of the texts", () => {
    const expected = JSON.stringify(learned(corpus))
    fc.assert(
      fc.property(fc.shuffledSubarray(corpus, { minLength: corpus.length }), (shuffled) => {
        assert.strictEqual(JSON.stringify(learned(shuffled)), expected)
      }),
      { seed, numRuns: 20 }
    )
  })

  it("learns the start of a longer vocabulary first", () => {
    const [short, long] = [learned(corpus, { ...settings, size: 205 }), learned(corpus)]
    for (const [piece, id] of Object.entries(short.model.vocab)) assert.strictEqual(long.model.vocab[piece], id)
  })

  it("spells any word of its characters, and no text of its corpus is unknown", () => {
    const tokenizer = makeTokenizer(learned(corpus))
    for (const text of [...corpus, "zebra quartz 1234 (x) don't"]) {
      const { ids } = tokenizer.encode(text, 100)
      assert.notInclude([...ids], 1, text)
    }
    const { ids, mask } = tokenizer.encode("ÉTÉ lowest 日本", 40)
    const pieces = [...ids].filter((_, i) => mask[i] === 1).map((id) => tokenizer.piece(id))
    assert.strictEqual(pieces.join(" ").replaceAll(" ##", ""), "[CLS] été lowest 日 本 [SEP]")
  })

  it("keeps what it is given, whatever that is", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 20 }), { maxLength: 8 }), (texts) => {
        const tokenizer = makeTokenizer(learned(texts, { size: 400, alphabet: "abc" }))
        assert.isAtMost(tokenizer.size, 400)
        for (const text of texts) assert.isTrue(tokenizer.encode(text, 60).ids.every((id) => id >= 0 && id < tokenizer.size))
      }),
      { seed, numRuns: 50 }
    )
  })

  it("refuses a size that cannot hold the alphabet", () => {
    assert.throws(() => learned(corpus, { size: 10, alphabet: "abc" }), "vocabulary: 10 pieces are fewer than 11 that are needed")
  })

  it.effect("gives the same vocabulary of the embedded captions as ever: golden", () =>
    Effect.gen(function* () {
      const captions = yield* loadCaptions({ ...emojiDefaults, tags: true })
      const pairs = selectPairs(yield* loadCatalogue, { population: "plain", vendors: ["openmoji"] })
      const file = learned(
        pairs.flatMap(({ codePoint }) => captions(codePoint)),
        vocabularyDefaults
      )
      assert.strictEqual(hash("sha256", JSON.stringify(file)).slice(0, 16), "0c8b7e0e80f2d21e")
      const tokenizer = makeTokenizer(file)
      assert.strictEqual(tokenizer.size, 4096)
      for (const { codePoint } of pairs.filter((_, i) => i % 10 === 0)) {
        for (const caption of captions(codePoint)) assert.notInclude([...tokenizer.encode(caption, 64).ids], 1, caption)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
