import { continuation, specialTokens, wordPieceModel } from "./word-piece-file.ts"

/** Rules of BERT's own tokenizer, as in `tokenizer_config.json`. */
export interface BertRules {
  readonly do_lower_case?: boolean
  readonly strip_accents?: boolean | null
  readonly tokenize_chinese_chars?: boolean
}

/** True where all pieces are lower case; otherwise texts are not lower-cased either. */
const isUncased = (pieces: readonly string[]): boolean =>
  !pieces.some((piece) => !/^\[.*\]$/.test(piece) && piece !== piece.toLowerCase())

/**
 * Returns the `tokenizer.json` equivalent to BERT's `vocab.txt` (a piece a line; its id is the line's number from 0), as
 * `transformers` converts it. Rules that are not given are derived from the pieces. Throws an `Error` where the special pieces
 * are missing.
 */
export const bertVocabulary = (text: string, rules: BertRules = {}) => {
  const lines = text.replace(/\r?\n$/, "").split("\n")
  const pieces = lines.map((line) => line.trimEnd())
  const ids = new Map(pieces.map((piece, id) => [piece, id]))
  const idOf = (piece: string): number => {
    const id = ids.get(piece)
    if (id === undefined) throw new Error(`its lines have no ${piece}, so it is no vocab.txt of a BERT`)
    return id
  }
  const [cls, sep] = [idOf("[CLS]"), idOf("[SEP]")]
  idOf("[UNK]")
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.flatMap((content) => {
      const id = ids.get(content)
      const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
      return id === undefined ? [] : [{ id, content, ...plain }]
    }),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: rules.tokenize_chinese_chars ?? true,
      strip_accents: rules.strip_accents ?? null,
      lowercase: rules.do_lower_case ?? isUncased(pieces)
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", sep], cls: ["[CLS]", cls] },
    decoder: { type: "WordPiece", prefix: continuation, cleanup: true },
    model: wordPieceModel(ids)
  }
}
