import type { SpecialIds } from "../../lib/pipeline/vocabulary.ts"

/** Special tokens of a trained vocabulary; a token's id is its index. */
export const specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const

/** Ids of the special tokens by purpose. */
export const trainedSpecial = { pad: 0, unknown: 1, cls: 2, sep: 3, mask: 4 } as const satisfies SpecialIds

/** Prefix of a piece that does not start a word. */
export const continuation = "##"

/** Words of more characters are unknown. */
export const longestWord = 100

const special = (content: (typeof specialTokens)[number]) => ({ SpecialToken: { id: content, type_id: 0 } })
const sequence = (id: "A" | "B", type: 0 | 1) => ({ Sequence: { id, type_id: type } })
const idOf = (content: (typeof specialTokens)[number]) => specialTokens.indexOf(content)

/** Returns BERT's model of a `tokenizer.json`: pieces with their ids. */
export const wordPieceModel = (ids: Iterable<readonly [piece: string, id: number]>) => ({
  type: "WordPiece",
  unk_token: "[UNK]",
  continuing_subword_prefix: continuation,
  max_input_chars_per_word: longestWord,
  vocab: Object.fromEntries(ids)
})

/**
 * Returns a WordPiece vocabulary as a Hugging Face `tokenizer.json`, which Python's `tokenizers` reads too.
 * Text is composed (NFC), cleaned of control characters and lower-cased; accents stay, since in many languages they are letters;
 * Chinese characters and punctuation are words of their own. `vocabulary` starts with `specialTokens`.
 */
export const wordPieceFile = (vocabulary: readonly string[]) => ({
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: specialTokens.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true
  })),
  normalizer: {
    type: "Sequence",
    normalizers: [
      { type: "NFC" },
      { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: false, lowercase: true }
    ]
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [special("[CLS]"), sequence("A", 0), special("[SEP]")],
    pair: [special("[CLS]"), sequence("A", 0), special("[SEP]"), sequence("B", 1), { SpecialToken: { id: "[SEP]", type_id: 1 } }],
    special_tokens: Object.fromEntries(
      (["[CLS]", "[SEP]"] as const).map((content) => [content, { id: content, ids: [idOf(content)], tokens: [content] }])
    )
  },
  decoder: { type: "WordPiece", prefix: continuation, cleanup: true },
  model: wordPieceModel(vocabulary.map((piece, id) => [piece, id]))
})

/** Type of a `tokenizer.json` that `wordPieceFile` returns. */
export type WordPieceFile = ReturnType<typeof wordPieceFile>
