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
})
