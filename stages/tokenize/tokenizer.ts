import { Effect, FileSystem, Schema } from "effect"
import { DataError, oneLine } from "../../lib/data/data-error.ts"
import { type HuggingFaceTokenizer, huggingFaceTokenizer } from "./hugging-face.ts"

/** A caption as numbers: both have the wanted length. */
export interface Tokens {
  /** Ids ≥ 0 and below the vocabulary's size; padding at the end. */
  readonly ids: Int32Array
  /** 1 where a token is, 0 where padding is. */
  readonly mask: Uint8Array
}

/** What a stage needs to know of a vocabulary and its rules. */
export interface TextTokenizer {
  /** The largest id plus one. */
  readonly size: number
  readonly padId: number
  /** The token that hides another; a vocabulary without one can do no masked language modelling. */
  readonly maskId: number | undefined
  /** Tokens that are not text ([CLS], [SEP], [PAD], …): never masked. [UNK] is not among them. */
  readonly specialIds: readonly number[]
  /** A text as `length` tokens: cut or padded. Any string will do; a special token's name in it is plain text. */
  encode(text: string, length: number): Tokens
  /** The text that ids stand for, special tokens left out. */
  decode(ids: Iterable<number>): string
}

/** Characters beyond this many are not looked at: no model reads as far, and untrusted text may be of any length. */
const longestText = 16_384

const AddedToken = Schema.Struct({ id: Schema.Int, content: Schema.String, special: Schema.Boolean })
const File = Schema.Struct({
  model: Schema.Struct({ type: Schema.optionalKey(Schema.String), unk_token: Schema.optionalKey(Schema.NullOr(Schema.String)) }),
  added_tokens: Schema.Array(AddedToken),
  padding: Schema.optionalKey(Schema.NullOr(Schema.Struct({ pad_id: Schema.Int })))
})

const padNames = ["[PAD]", "<pad>", "<|pad|>"]
const maskNames = ["[MASK]", "<mask>"]

/** What the post-processor puts before and after one text, learned from a text of one letter. */
const surroundings = (tokenizer: HuggingFaceTokenizer) => {
  const ids = (add_special_tokens: boolean) => tokenizer.encode("a", { add_special_tokens }).ids.filter((id) => id !== undefined)
  const bare = ids(false)
  const full = ids(true)
  const start = full.findIndex((_, i) => bare.every((id, j) => full[i + j] === id))
  return { before: full.slice(0, start), after: full.slice(start + bare.length) }
}

/**
 * The tokenizer that the content of a Hugging Face `tokenizer.json` describes (WordPiece, BPE or Unigram); throws an `Error` in
 * one line if it is not one.
 */
export const makeTokenizer = (content: unknown): TextTokenizer => {
  const { model, added_tokens, padding } = Schema.decodeUnknownSync(File)(content)
  const whole = huggingFaceTokenizer(content as object)
  // Without the special tokens among the added ones, a caption that says [MASK] is text like any other.
  const plain = huggingFaceTokenizer({ ...(content as object), added_tokens: added_tokens.filter(({ special }) => !special) })
  const idOf = (names: readonly string[]) => names.map((name) => whole.token_to_id(name)).find((id) => id !== undefined)
  const unknown = model.unk_token == null ? undefined : whole.token_to_id(model.unk_token)
  const { before, after } = surroundings(whole)
  const padId = padding?.pad_id ?? idOf(padNames) ?? after.at(-1) ?? 0
  const specials = new Set([...added_tokens.filter(({ special }) => special).map(({ id }) => id), ...before, ...after, padId])
  if (unknown !== undefined) specials.delete(unknown)
  let size = Math.max(padId, ...specials) + 1
  for (const id of whole.get_vocab().values()) size = Math.max(size, id + 1)
  const room = (length: number) => {
    const left = length - before.length - after.length
    if (!Number.isInteger(length) || left < 1) throw new RangeError(`tokenize: a length of ${length} leaves no room for text`)
    return left
  }
  return {
    size,
    padId,
    maskId: idOf(maskNames),
    specialIds: [...specials].sort((a, b) => a - b),
    encode: (text, length) => {
      const most = room(length)
      const { ids: found } = plain.encode(text.slice(0, longestText).toWellFormed(), { add_special_tokens: false })
      // A model without an unknown token has no id for what it does not know.
      const known = found.map((id) => (id === undefined || specials.has(id) ? unknown : id))
      const kept = known.filter((id) => id !== undefined).slice(0, most)
      const all = [...before, ...kept, ...after]
      const ids = new Int32Array(length).fill(padId)
      ids.set(all)
      return { ids, mask: new Uint8Array(length).fill(1, 0, all.length) }
    },
    decode: (ids) => {
      const text = [...ids].filter((id) => !specials.has(id))
      return text.length === 0 ? "" : whole.decode(text, { skip_special_tokens: true })
    }
  }
}

/** The tokenizer of a `tokenizer.json` file. */
export const loadTokenizer = Effect.fn("tokenize.loadTokenizer")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const problem = (what: string) => (cause: unknown) => new DataError({ file: path, problem: `${what}: ${oneLine(cause)}` })
  const text = yield* files.readFileString(path).pipe(Effect.mapError(problem("unreadable")))
  return yield* Effect.try({
    try: () => makeTokenizer(JSON.parse(text)),
    catch: problem("no tokenizer")
  })
})
