import { assert, describe, it } from "@effect/vitest"
import { bertVocabulary } from "../../../stages/tokenize/bert-vocabulary.ts"
import { makeTokenizer } from "../../../stages/tokenize/tokenizer.ts"

const lines = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dog", "##s", "é"]
const text = `${lines.join("\n")}\n`
const pieces = (vocab: string, caption: string, rules?: Parameters<typeof bertVocabulary>[1]) => {
  const tokenizer = makeTokenizer(bertVocabulary(vocab, rules))
  const { ids, mask } = tokenizer.encode(caption, 12)
  return [...ids].filter((_, i) => mask[i] === 1).map((id) => tokenizer.piece(id))
}

describe("a vocab.txt of a BERT", () => {
  it("has the ids of its lines, and its special tokens where they stand", () => {
    for (const written of [text, text.replaceAll("\n", "\r\n"), text.trimEnd()]) {
      const { size, special, padId } = makeTokenizer(bertVocabulary(written))
      assert.deepStrictEqual(
        { size, special, padId },
        { size: 10, special: { pad: 0, unknown: 2, cls: 3, sep: 4, mask: 5 }, padId: 0 }
      )
    }
    assert.deepStrictEqual(pieces(text, "A dogs é cat"), ["[CLS]", "a", "dog", "##s", "[UNK]", "[UNK]", "[SEP]"])
  })

  it("is lowered where its pieces are in small letters, unless its rules say otherwise", () => {
    const cased = text.replace("\nа", "").replace("dog", "Dog")
    assert.deepStrictEqual(pieces(cased, "a Dog é"), ["[CLS]", "a", "Dog", "é", "[SEP]"])
    assert.deepStrictEqual(pieces(cased, "a Dog", { do_lower_case: true }), ["[CLS]", "a", "[UNK]", "[SEP]"])
    assert.deepStrictEqual(pieces(text, "A é", { do_lower_case: false }), ["[CLS]", "[UNK]", "é", "[SEP]"])
    assert.deepStrictEqual(pieces(text, "É", { strip_accents: false }), ["[CLS]", "é", "[SEP]"])
  })

  it("gives a piece that stands twice its last id", () => {
    assert.strictEqual(makeTokenizer(bertVocabulary(`${text}dog\n`)).encode("dog", 3).ids[1], 10)
  })

  it("is refused without BERT's special pieces", () => {
    assert.throws(() => bertVocabulary("a\nb\n"), "its lines have no [CLS], so it is no vocab.txt of a BERT")
  })
})
