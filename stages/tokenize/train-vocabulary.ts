import { textToIds } from "./hugging-face/text-to-ids.ts"
import { mergePieces } from "./merge-pieces.ts"
import { continuation, longestWord, specialTokens, type WordPieceFile, wordPieceFile } from "./word-piece-file.ts"

export interface VocabularySettings {
  /** Number of pieces, including special ones. */
  readonly size: number
  /** Characters that are always part of the vocabulary, whether the corpus has them or not. */
  readonly alphabet: string
}

/** 4,096 pieces, and every printable ASCII character. */
export const vocabularyDefaults: VocabularySettings = {
  size: 4096,
  alphabet: Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i).toLowerCase()).join("")
}

/** Counts the words of texts that are added one by one, split as the trained tokenizer will split them. */
export const countWords = () => {
  // Texts share most of their words: each is normalised once.
  const written = new Map<string, number>()
  return {
    add: (text: string): void => {
      for (const word of text.toWellFormed().split(/\s+/)) written.set(word, (written.get(word) ?? 0) + 1)
    },
    /** Returns the count of each word. */
    done: (): ReadonlyMap<string, number> => {
      const { normalize, words } = textToIds(wordPieceFile(specialTokens))
      const counts = new Map<string, number>()
      for (const [text, count] of written) {
        for (const word of words(normalize(text))) {
          counts.set(word, (counts.get(word) ?? 0) + count)
        }
      }
      return counts
    }
  }
}

const byCodePoint = (a: string, b: string) => {
  const text = (piece: string) =>
    piece.startsWith(continuation) && piece !== continuation ? piece.slice(continuation.length) : piece
  return text(a).codePointAt(0)! - text(b).codePointAt(0)! || a.length - b.length
}

/**
 * Returns the single characters of a vocabulary, at the start of words and within them: first those of the settings, then the
 * corpus's, by frequency where not all fit.
 */
const chooseAlphabet = (words: ReadonlyMap<string, number>, { size, alphabet }: VocabularySettings): readonly string[] => {
  const given = new Set([...alphabet].flatMap((character) => [character, continuation + character]))
  const room = size - specialTokens.length - given.size
  if (room < 0)
    throw new RangeError(`vocabulary: ${size} pieces are fewer than ${specialTokens.length + given.size} that are needed`)
  const seen = new Map<string, number>()
  for (const [word, count] of words) {
    let before = ""
    for (const character of word) {
      const piece = before + character
      if (!given.has(piece)) seen.set(piece, (seen.get(piece) ?? 0) + count)
      before = continuation
    }
  }
  const found = [...seen].sort(([a, m], [b, n]) => n - m || byCodePoint(a, b)).slice(0, room)
  return [...given, ...found.map(([piece]) => piece)].sort(byCodePoint)
}

/**
 * Trains a WordPiece vocabulary on the words of texts (`countWords`), as a `tokenizer.json`: special tokens, single characters,
 * then pieces in the order in which merging the most frequent pairs makes them (`mergePieces`), up to `size`.
 * The result depends on the count of each word, not on the order of the texts. A word with a character that is in neither the
 * corpus nor `alphabet` will be unknown. Throws a `RangeError` if `size` cannot hold the alphabet.
 */
export const trainVocabulary = (
  words: ReadonlyMap<string, number>,
  settings: VocabularySettings = vocabularyDefaults
): WordPieceFile => {
  const vocabulary: string[] = [...specialTokens, ...chooseAlphabet(words, settings)]
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]))
  const spelled = [...words].flatMap(([word, count]) => {
    const pieces = Array.from(word, (character, i) => ids.get(i === 0 ? character : continuation + character))
    return pieces.length <= longestWord && pieces.every((id) => id !== undefined) ? [{ pieces, count }] : []
  })
  mergePieces(spelled, (left, right) => {
    const piece = vocabulary[left]! + vocabulary[right]!.slice(continuation.length)
    const known = ids.get(piece)
    if (known !== undefined) return known
    if (vocabulary.length >= settings.size) return undefined
    ids.set(piece, vocabulary.length)
    return vocabulary.push(piece) - 1
  })
  return wordPieceFile(vocabulary)
}
