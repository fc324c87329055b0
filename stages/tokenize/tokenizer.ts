import type { SpecialIds } from "../../lib/pipeline/vocabulary.ts"
import { type TextToIds, textToIds } from "./hugging-face/text-to-ids.ts"

/** An encoded caption; both arrays have the requested length. */
export interface Tokens {
  /** Ids ≥ 0 and below the vocabulary's size; padding at the end. */
  readonly ids: Int32Array
  /** 1 at tokens, 0 at padding. */
  readonly mask: Uint8Array
}

/** The part of a vocabulary and its rules that stages use. */
export interface TextTokenizer {
  /** The largest id plus one. */
  readonly size: number
  /** Padding id: a special one where the vocabulary has one for it. */
  readonly padId: number
  /** Ids that are not text ([CLS], [SEP], [PAD], …), by purpose. */
  readonly special: SpecialIds
  /** Returns the piece of an id; undefined for an unused id. */
  piece(id: number): string | undefined
  /** Encodes a text as `length` tokens, truncated or padded. Accepts any string; a special token's name in it is plain text. */
  encode(text: string, length: number): Tokens
}

/** Characters beyond this many are ignored: no model reads as far, and untrusted text may be of any length. */
const longestText = 16_384

const padNames = ["[PAD]", "<pad>", "<|pad|>"]
const maskNames = ["[MASK]", "<mask>", "<|mask|>"]

/**
 * Returns the ids that are not text. A file need not have a padding id: then it is the id that ends a text, or the first special
 * token (as with GPT-2).
 */
const specialIds = ({ model, addedTokens, hostContext, padding }: TextToIds, pieces: ReadonlyMap<string, number>): SpecialIds => {
  const { before, after } = hostContext
  const { unknown } = model
  const added = addedTokens.filter(({ special, id }) => special && id !== unknown).map(({ id }) => id)
  const named = (names: readonly string[]) => names.map((name) => pieces.get(name)).find((id) => id !== undefined)
  const pad = padding ?? named(padNames) ?? after.at(-1) ?? added[0]
  const known = { pad, unknown, cls: before[0], sep: after.at(-1), mask: named(maskNames) }
  const of = Object.entries(known).filter(([, id]) => id !== undefined)
  const others = [...new Set([...added, ...before, ...after])].filter((id) => !of.some(([, other]) => other === id))
  return { ...Object.fromEntries(of), ...(others.length > 0 ? { others: others.sort((a, b) => a - b) } : {}) }
}

/**
 * Makes the tokenizer that the content of a Hugging Face `tokenizer.json` describes; throws a one-line `Error` if it is not one,
 * or if a part of it is not known to match Python's `tokenizers`.
 */
export const makeTokenizer = (content: unknown): TextTokenizer => {
  const made = textToIds(content)
  const { model, addedTokens, hostContext, cutsLeft } = made
  const { before, after } = hostContext
  const ids = new Map([...model.ids, ...addedTokens.map(({ content: text, id }) => [text, id] as const)])
  const special = specialIds(made, ids)
  const { unknown, others = [], ...named } = special
  const never = new Set([...Object.values(named), ...others])
  let size = Math.max(0, ...never) + 1
  for (const id of ids.values()) size = Math.max(size, id + 1)
  let pieces: readonly string[] | undefined
  const room = (length: number) => {
    const left = length - before.length - after.length
    if (!Number.isInteger(length) || left < 1) throw new RangeError(`tokenize: a length of ${length} leaves no room for text`)
    return left
  }
  const padId = special.pad ?? 0
  return {
    size,
    padId,
    special,
    piece: (id) => {
      if (pieces === undefined) {
        const byId: string[] = []
        for (const [text, at] of ids) byId[at] = text
        pieces = byId
      }
      return pieces[id]
    },
    encode: (text, length) => {
      const most = room(length)
      const found = made.encode(text.slice(0, longestText).toWellFormed())
      // A model may encode text with a special piece.
      const known = found.map((id) => (never.has(id) ? unknown : id)).filter((id) => id !== undefined)
      const kept = cutsLeft ? known.slice(-most) : known.slice(0, most)
      const all = [...before, ...kept, ...after]
      const row = new Int32Array(length).fill(padId)
      row.set(all)
      return { ids: row, mask: new Uint8Array(length).fill(1, 0, all.length) }
    }
  }
}
