import { Schema } from "effect"
import { AddedToken, type NumberedToken, numbered, tokenFinder } from "./added-tokens.ts"
import { model } from "./model.ts"
import { normalizer } from "./normalizer.ts"
import type { PieceModel } from "./piece-model.ts"
import { type HostContext, hostContextOf } from "./post-processor.ts"
import { preTokenizer } from "./pre-tokenizer.ts"

const Optional = Schema.optionalKey(Schema.Unknown)

/** The entries of a `tokenizer.json` that affect ids; the decoder is not among them. */
const File = Schema.Struct({
  version: Schema.optionalKey(Schema.Literal("1.0")),
  model: Schema.Unknown,
  added_tokens: Schema.optionalKey(Schema.Array(AddedToken)),
  normalizer: Optional,
  pre_tokenizer: Optional,
  post_processor: Optional,
  truncation: Schema.optionalKey(
    Schema.NullOr(Schema.Struct({ direction: Schema.optionalKey(Schema.Literals(["Left", "Right"])) }))
  ),
  padding: Schema.optionalKey(Schema.NullOr(Schema.Struct({ pad_id: Schema.Int })))
})

/** Encoder of texts made from a `tokenizer.json`. */
export interface TextToIds {
  readonly model: PieceModel
  readonly addedTokens: readonly NumberedToken[]
  readonly hostContext: HostContext
  /** Padding id, where the file has one. */
  readonly padding: number | undefined
  /** True where a text that is too long is truncated at its beginning. */
  readonly cutsLeft: boolean
  readonly normalize: (text: string) => string
  /** Splits a normalized text into words. */
  readonly words: (text: string) => readonly string[]
  /** Returns a text's ids, without those put before and after it. */
  readonly encode: (text: string) => readonly number[]
}

/** Bounds of the cache of encoded pieces: their number, and the length of the longest. */
const remembered = { pieces: 65_536, length: 64 }

const remembering = (encode: (piece: string) => readonly number[]): ((piece: string) => readonly number[]) => {
  const known = new Map<string, readonly number[]>()
  return (piece) => {
    const found = known.get(piece)
    if (found !== undefined) return found
    const ids = encode(piece)
    if (piece.length <= remembered.length) {
      if (known.size >= remembered.pieces) known.clear()
      known.set(piece, ids)
    }
    return ids
  }
}

/**
 * Makes an encoder from a Hugging Face `tokenizer.json`, with the same ids as Python's `tokenizers` 0.23 with
 * `encode_special_tokens`. Throws an `Error` that names the part and its type where equality is not established.
 */
export const textToIds = (content: unknown): TextToIds => {
  const file = Schema.decodeUnknownSync(File)(content)
  const pieces = model(file.model)
  const { apply: normalize, mayDropStart } = normalizer(file.normalizer)
  const { split, asksStart } = preTokenizer(file.pre_tokenizer)
  if (asksStart && mayDropStart)
    throw new Error(
      "its pre_tokenizer Metaspace has the prepend_scheme 'first' after a normalizer that drops characters: not supported"
    )
  const addedTokens = numbered(file.added_tokens ?? [], pieces)
  const [written, normalized] = [addedTokens.filter((each) => !each.normalized), addedTokens.filter((each) => each.normalized)]
  const findWritten = tokenFinder(
    written,
    written.map(({ content }) => content)
  )
  const findNormalized = tokenFinder(
    normalized,
    normalized.map(({ content }) => normalize(content))
  )
  const encodePiece = remembering(pieces.encode)
  return {
    model: pieces,
    addedTokens,
    hostContext: hostContextOf(file.post_processor),
    padding: file.padding?.pad_id,
    cutsLeft: file.truncation?.direction === "Left",
    normalize,
    words: (text) => split(text, true).texts,
    encode: (text) => {
      const ids: number[] = []
      for (const outer of findWritten(text)) {
        if (outer.id !== undefined) ids.push(outer.id)
        else
          for (const inner of findNormalized(normalize(outer.text))) {
            if (inner.id !== undefined) ids.push(inner.id)
            else if (inner.text !== "")
              for (const piece of split(inner.text, outer.start === 0 && inner.start === 0).texts) {
                for (const id of encodePiece(piece)) ids.push(id)
              }
          }
      }
      return ids
    }
  }
}
