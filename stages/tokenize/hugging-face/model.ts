import { bytePairs } from "./byte-pairs.ts"
import { makePart, type PartRow, type PartTable, row } from "./part.ts"
import type { PieceModel } from "./piece-model.ts"
import { unigram } from "./unigram.ts"
import { wordLevel } from "./word-level.ts"
import { wordPiece } from "./word-piece.ts"

const rows: { readonly [type: string]: PartRow<PieceModel> } = {
  BPE: row(bytePairs.settings, bytePairs.make),
  Unigram: row(unigram.settings, unigram.make),
  WordLevel: row(wordLevel.settings, wordLevel.make),
  WordPiece: row(wordPiece.settings, wordPiece.make)
}
const table: PartTable<PieceModel> = { kind: "model", rows }

/** Infers the type of a model whose file predates the `type` field. */
const typeOf = (config: object): string | undefined => {
  if ("merges" in config) return "BPE"
  if ("max_input_chars_per_word" in config && "continuing_subword_prefix" in config) return "WordPiece"
  if ("vocab" in config && Array.isArray(config.vocab)) return "Unigram"
  return "unk_token" in config ? "WordLevel" : undefined
}

/** Returns the model that a file describes. Throws an `Error` that names anything not supported. */
export const model = (config: unknown): PieceModel => {
  if (typeof config !== "object" || config === null || "type" in config) return makePart(table, config)
  const type = typeOf(config)
  return makePart(table, type === undefined ? config : { ...config, type })
}
