import { assert, describe, it } from "@effect/vitest"
import { textToIds } from "../../../../stages/tokenize/hugging-face/text-to-ids.ts"

const vocab = { "[UNK]": 0, a: 1, b: 2, ab: 3, "##b": 4 }
const wordPiece = {
  type: "WordPiece",
  unk_token: "[UNK]",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 4,
  vocab
}
const words = { type: "WhitespaceSplit" }
const file = (parts: object = {}) => ({ version: "1.0", added_tokens: [], model: wordPiece, pre_tokenizer: words, ...parts })
const ids = (parts: object, text: string) => textToIds(file(parts)).encode(text)
const reason = (parts: object): string => {
  try {
    textToIds(file(parts))
  } catch (error) {
    return (error as Error).message
  }
  return "taken"
}
const token = (content: string, more: object = {}) => ({
  ...{ id: 0, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false },
  ...more
})

describe("a tokenizer.json", () => {
  it("is refused by the kind and the type of a part that is not supported", () => {
    const parts = {
      model: "supported: BPE, Unigram, WordLevel, WordPiece",
      normalizer: "supported: BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace,",
      pre_tokenizer: "supported: BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, FixedLength, Metaspace, Punctuation,",
      post_processor: "supported: BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing"
    }
    for (const [kind, supported] of Object.entries(parts))
      for (const type of ["Magic", "constructor"])
        assert.include(
          reason({ [kind]: { type } }),
          `its ${kind} is of type "${type}", which is not supported (${supported}`,
          `${kind} ${type}`
        )
    assert.include(reason({ pre_tokenizer: { type: "UnicodeScripts" } }), 'its pre_tokenizer is of type "UnicodeScripts"')
    assert.include(reason({ normalizer: {} }), "its normalizer is of type none")
  })

  it("is refused by a part inside of others, and by what is wrong with it", () => {
    const inner = { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Sequence", normalizers: [{ type: "Magic" }] }] }
    assert.include(reason({ normalizer: inner }), 'its normalizer is of type "Magic"')
    const charsmap = (map: string) => reason({ normalizer: { type: "Precompiled", precompiled_charsmap: map } })
    for (const map of ["AAAA", "/////w==", "CAAAAA=="])
      assert.strictEqual(charsmap(map), "its normalizer Precompiled: its character map is cut short")
    assert.strictEqual(charsmap("no!"), "its normalizer Precompiled: its character map is not base64")
    assert.include(reason({ pre_tokenizer: { type: "FixedLength", length: 0 } }), "its pre_tokenizer FixedLength: ")
    assert.include(reason({ pre_tokenizer: { type: "Metaspace", replacement: "xy" } }), "replacement 'xy' is not one character")
    assert.include(
      reason({ model: { ...wordPiece, unk_token: "<unk>" } }),
      "its model WordPiece: its unk_token '<unk>' is not in"
    )
    assert.include(reason({ model: { ...wordPiece, vocab: { a: -1 } } }), "its vocab gives 'a' the id -1")
    assert.include(
      reason({ model: { type: "BPE", vocab, merges: ["a c"] } }),
      "its model BPE: its merges have 'c', which is not in"
    )
    assert.include(reason({ model: { type: "BPE", vocab, merges: ["a b c"] } }), 'its merge 1 is "a b c", not two pieces')
    assert.include(reason({ model: { type: "BPE", vocab, merges: [], dropout: 0.1 } }), "its pieces are drawn at random")
    assert.include(reason({ model: { type: "Unigram", vocab: [["a", -1]] } }), "it has no unk_id")
    assert.include(reason({ model: { type: "Unigram", vocab: [["a", -1]], unk_id: 3 } }), "its unk_id is 3, but it has 1 pieces")
    const template = { type: "TemplateProcessing", special_tokens: {} }
    const single = [{ SpecialToken: { id: "[X]", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }]
    assert.include(reason({ post_processor: { ...template, single } }), "'[X]' is not among its special_tokens")
    assert.include(reason({ post_processor: { ...template, single: [] } }), "it has 0 texts in 'single', not one $A")
    const split = { type: "Split", pattern: { Regex: "a(?(1)b)" }, behavior: "Isolated", invert: false }
    assert.include(reason({ pre_tokenizer: split }), "its pre_tokenizer Split: its pattern has (?(1")
    assert.include(reason({ version: "2.0" }), "version")
  })

  it("refuses what depends on characters that were dropped before", () => {
    const first = { type: "Metaspace", replacement: "▁", prepend_scheme: "first" }
    assert.strictEqual(reason({ pre_tokenizer: first }), "taken")
    assert.strictEqual(reason({ pre_tokenizer: first, normalizer: { type: "Lowercase" } }), "taken")
    assert.include(
      reason({ pre_tokenizer: first, normalizer: { type: "Strip", strip_left: true, strip_right: false } }),
      "its pre_tokenizer Metaspace has the prepend_scheme 'first' after a normalizer that drops characters"
    )
  })

  it("of old does not say its model's type", () => {
    const { type: _, ...untyped } = wordPiece
    assert.deepStrictEqual(ids({ model: untyped }, "ab abb c"), [3, 3, 4, 0])
    const merges = { vocab, merges: ["a b"] }
    assert.deepStrictEqual(ids({ model: merges }, "abb"), [3, 2])
    assert.deepStrictEqual(ids({ model: { vocab, unk_token: "[UNK]" } }, "ab c"), [3, 0])
    const pieces = [["?", 0], ["a", -1], ["b", -2]] // biome-ignore format: a row
    assert.deepStrictEqual(ids({ model: { vocab: pieces, unk_id: 0 } }, "ab"), [1, 2])
    assert.include(reason({ model: {} }), "its model is of type none")
  })

  it("has merges as texts or as pairs, and a version among them", () => {
    const model = (merges: readonly unknown[]) => ({ type: "BPE", vocab: { ...vocab, "a b": 5, " ": 6, "a ": 7 }, merges })
    for (const merges of [["#version: 0.2", "a b"], ["a b"], [["a", "b"]]])
      assert.deepStrictEqual(ids({ model: model(merges) }, "aab"), [1, 3])
    const spaced = model([["a", " "], ["a ", "b"]]) // biome-ignore format: a row
    assert.deepStrictEqual(ids({ model: spaced, pre_tokenizer: null }, "a b"), [5])
  })

  it("gives what a Unigram model does not know its unk_id, neighbours together", () => {
    const vocabulary = [["<s>", 0], ["x", -3], ["<unk>", 0], ["▁", -1], ["▁a", -2], ["b", -2]] // biome-ignore format: a row
    const parts = {
      model: { type: "Unigram", unk_id: 2, vocab: vocabulary },
      pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always" }
    }
    assert.deepStrictEqual(ids(parts, "ab éü b"), [4, 5, 3, 2, 3, 5])
    assert.deepStrictEqual(ids(parts, "aéb"), [4, 2, 5])
  })

  it("numbers added tokens as tokenizers does, those of the model by the model, the others after it", () => {
    const added = [token("[UNK]", { id: 0, special: true }), token("new", { id: 90 }), token("a"), token("other", { id: 6 })]
    const { addedTokens, encode } = textToIds(file({ added_tokens: added }))
    assert.deepStrictEqual(
      addedTokens.map(({ content, id }) => [content, id]),
      [["[UNK]", 0], ["new", 5], ["a", 1], ["other", 6]] // biome-ignore format: a row
    )
    assert.deepStrictEqual(encode("newother a"), [5, 6, 1])
  })

  it("reads the names of special tokens as text, and still numbers what comes after them", () => {
    const added = [token("<s>", { special: true }), token("new")]
    assert.deepStrictEqual(ids({ added_tokens: added }, "<s> new"), [0, 6])
  })

  it("puts texts between what its post-processor says, whatever its vocabulary has", () => {
    const sequence = (...processors: readonly object[]) => ({ type: "Sequence", processors })
    const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
    const template = (before: readonly string[], after: readonly string[]) => ({
      type: "TemplateProcessing",
      single: [...before.map(special), { Sequence: { id: "A", type_id: 0 } }, ...after.map(special)],
      special_tokens: { x: { id: "x", ids: [7], tokens: ["x"] }, y: { id: "y", ids: [8, 9], tokens: ["y", "z"] } }
    })
    const hostContext = (post_processor: object | null) => textToIds(file({ post_processor })).hostContext
    assert.deepStrictEqual(hostContext(null), { before: [], after: [] })
    assert.deepStrictEqual(hostContext({ type: "BertProcessing", sep: ["s", 5], cls: ["c", 6] }), { before: [6], after: [5] })
    const roberta = { type: "RobertaProcessing", sep: ["s", 5], cls: ["c", 6], trim_offsets: true, add_prefix_space: false }
    assert.deepStrictEqual(hostContext(roberta), { before: [6], after: [5] })
    assert.deepStrictEqual(hostContext(template(["x", "y"], ["y"])), { before: [7, 8, 9], after: [8, 9] })
    assert.deepStrictEqual(hostContext(sequence({ type: "ByteLevel" }, template([], ["x"]), template(["y"], ["y"]))), {
      before: [8, 9],
      after: [7, 8, 9]
    })
  })

  it("takes long texts without spaces in little time", () => {
    const text = "ab".repeat(8000)
    const start = performance.now()
    for (const model of [
      { type: "BPE", vocab, merges: ["a b"] },
      { type: "Unigram", unk_id: 0, vocab: Object.keys(vocab).map((piece) => [piece, -1]) },
      { ...wordPiece, max_input_chars_per_word: 100_000 }
    ])
      assert.isAbove(ids({ model }, text).length, 0)
    assert.isBelow(performance.now() - start, 20_000)
  })
})
