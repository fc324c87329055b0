import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { makeTokenizer, type TextTokenizer } from "../../../stages/tokenize/tokenizer.ts"
import { seed } from "../../seed.ts"

interface Golden {
  readonly file: object
  readonly encoded: ReadonlyArray<readonly [text: string, ids: readonly number[]]>
}
const golden: Readonly<Record<"bert" | "roberta", Golden>> = JSON.parse(
  readFileSync(new URL("../../golden/tokenizers.json", import.meta.url), "utf8")
)
const bert = makeTokenizer(golden.bert.file)
const roberta = makeTokenizer(golden.roberta.file)
const real = ({ ids, mask }: { readonly ids: Int32Array; readonly mask: Uint8Array }) => [...ids].filter((_, i) => mask[i] === 1)

/** What every encoding keeps to. */
const check = (tokenizer: TextTokenizer, text: string, length: number) => {
  const { ids, mask } = tokenizer.encode(text, length)
  assert.strictEqual(ids.length, length)
  assert.strictEqual(mask.length, length)
  assert.isTrue(ids.every((id) => id >= 0 && id < tokenizer.size))
  const count = mask.reduce((sum, value) => sum + value, 0)
  assert.isTrue(mask.every((value, i) => value === (i < count ? 1 : 0)))
  assert.isTrue(ids.every((id, i) => i < count || id === tokenizer.padId))
  const { cls, sep, pad, mask: hidden } = tokenizer.special
  assert.deepStrictEqual([ids[0], ids[count - 1]], [cls, sep])
  assert.isFalse([...ids.subarray(1, count - 1)].some((id) => [cls, sep, pad, hidden].includes(id)))
}

describe("a tokenizer from a Hugging Face file", () => {
  it("gives the ids that Python's tokenizers gives", () => {
    for (const name of ["bert", "roberta"] as const) {
      const tokenizer = makeTokenizer(golden[name].file)
      for (const [text, ids] of golden[name].encoded)
        assert.deepStrictEqual(real(tokenizer.encode(text, 200)), ids, `${name}: ${text}`)
    }
  })

  it("knows the special tokens of BERT and of RoBERTa", () => {
    assert.deepStrictEqual(
      { pad: bert.padId, special: bert.special, size: bert.size },
      { pad: 0, special: { pad: 0, unknown: 1, cls: 2, sep: 3, mask: 4 }, size: 166 }
    )
    assert.deepStrictEqual(
      { pad: roberta.padId, special: roberta.special, size: roberta.size },
      { pad: 1, special: { pad: 1, cls: 0, sep: 2, mask: 4, others: [3] }, size: 320 }
    )
  })

  it("cuts long texts before the closing token, and pads short ones", () => {
    const long = bert.encode("joy ".repeat(50), 6)
    assert.deepStrictEqual([long.ids[0], long.ids[5]], [2, 3])
    assert.deepStrictEqual([...long.mask], [1, 1, 1, 1, 1, 1])
    const empty = bert.encode("", 5)
    assert.deepStrictEqual([...empty.ids], [2, 3, 0, 0, 0])
    assert.deepStrictEqual([...empty.mask], [1, 1, 0, 0, 0])
  })

  it("reads the name of a special token in a caption as text", () => {
    for (const text of ["[MASK] of joy [SEP]", "<mask> </s>", "[PAD][CLS]"]) {
      check(bert, text, 40)
      check(roberta, text, 40)
    }
  })

  it("refuses a length without room for text", () => {
    assert.throws(() => bert.encode("joy", 2), "tokenize: a length of 2 leaves no room for text")
    assert.throws(() => bert.encode("joy", 7.5), "tokenize: a length of 7.5 leaves no room for text")
  })

  it("takes anything that a caption may be", () => {
    const odd = [
      "\0",
      "a\0b",
      "\ud800",
      "x\udc00y",
      "مرحبا بالعالم",
      "שלום",
      "👩‍👩‍👧‍👦🏳️‍🌈",
      "\u202etxet",
      " \t\n",
      "\ufeff",
      "e\u0301".repeat(200)
    ]
    for (const text of [...odd, "a".repeat(1_000_000), "joy ".repeat(250_000), "\ud83d".repeat(1_000_000)]) {
      check(bert, text, 16)
      check(roberta, text, 16)
    }
  })

  it("gives dense ids and a closed text for any string and length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.integer({ min: 3, max: 24 }), (text, length) => {
        check(bert, text, length)
        check(roberta, text, length)
      }),
      { seed, numRuns: 300 }
    )
  })

  it("says what an id stands for", () => {
    const { ids } = bert.encode("Face with joy", 6)
    assert.deepStrictEqual(
      [...ids].map((id) => bert.piece(id)),
      ["[CLS]", "face", "with", "joy", "[SEP]", "[PAD]"]
    )
    assert.isUndefined(bert.piece(bert.size))
  })

  it("needs no padding and no mask of its own: a text is filled up with what ends texts, or else with nothing special", () => {
    const vocab = { a: 0, b: 1, "<|endoftext|>": 2 }
    const model = { type: "BPE", vocab, merges: [] }
    const token = (content: string, special: boolean) => ({
      ...{ id: 0, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }
    })
    const gpt2 = makeTokenizer({ model, added_tokens: [token("<|endoftext|>", true)] })
    assert.deepStrictEqual(gpt2.special, { pad: 2 })
    assert.deepStrictEqual([...gpt2.encode("ab", 4).ids], [0, 1, 2, 2])
    const bare = makeTokenizer({ model, added_tokens: [] })
    assert.deepStrictEqual(bare.special, {})
    // The first id is a word like any other, though it fills texts up.
    const { ids, mask } = bare.encode("ba", 4)
    assert.deepStrictEqual([[...ids], [...mask]], [[1, 0, 0, 0], [1, 1, 0, 0]]) // biome-ignore format: rows
    const more = makeTokenizer({ model, added_tokens: [token("<|endoftext|>", true), token("beyond", false)] })
    assert.deepStrictEqual([more.size, more.piece(3), [...more.encode("beyond", 2).ids]], [4, "beyond", [3, 2]])
  })

  it("cuts the beginning of a text where its file says so, and pads with the id that it says", () => {
    const file = { ...golden.bert.file, truncation: { direction: "Left", max_length: 3, strategy: "LongestFirst", stride: 0 } }
    const tokenizer = makeTokenizer({ ...file, padding: { strategy: { Fixed: 99 }, pad_id: 7, pad_type_id: 0, pad_token: "x" } })
    assert.strictEqual(tokenizer.padId, 7)
    const pieces = [...tokenizer.encode("face with big eyes", 4).ids].map((id) => tokenizer.piece(id))
    assert.deepStrictEqual([pieces[0], pieces[3]], ["[CLS]", "[SEP]"])
    assert.deepStrictEqual(pieces.slice(1, 3), [...bert.encode("face with big eyes", 30).ids].map((id) => bert.piece(id)).filter((piece) => !piece!.startsWith("[")).slice(-2)) // biome-ignore format: what it should be
  })
})
