/** Ids that represent no text, by purpose; absent where a vocabulary has none. */
export interface SpecialIds {
  readonly pad?: number
  readonly unknown?: number
  readonly cls?: number
  readonly sep?: number
  readonly mask?: number
  /** Further ids that enclose texts, or that never come from a text. */
  readonly others?: readonly number[]
}

/** Facts about the ids in a token field that hold before its tokenizer is opened. */
export interface FieldVocabulary {
  readonly special: SpecialIds
}

/** Facts about the same ids after it is opened. */
export interface OpenedVocabulary extends FieldVocabulary {
  /** File that the vocabulary is read from; null for one trained on captions. */
  readonly file: string | null
  /** Largest id plus one. */
  readonly size: number
  /** Returns the piece of an id; undefined for an unused id. */
  readonly piece: (id: number) => string | undefined
}

/** Vocabularies by the field that holds their ids. */
export interface FieldVocabularies {
  readonly [field: string]: FieldVocabulary | OpenedVocabulary
}
export interface OpenedVocabularies {
  readonly [field: string]: OpenedVocabulary
}

/**
 * Describes the difference of two vocabularies: both sizes, and the first ids with other pieces; undefined where they are equal.
 */
export const vocabularyDifference = (ours: OpenedVocabulary, theirs: OpenedVocabulary): string | undefined => {
  const shown = (piece: string | undefined): string => (piece === undefined ? "nothing" : `'${piece}'`)
  const most = Math.max(ours.size, theirs.size)
  const different: string[] = []
  for (let id = 0; id < most && different.length < 3; id++)
    if (ours.piece(id) !== theirs.piece(id))
      different.push(`${id} is ${shown(theirs.piece(id))} there and ${shown(ours.piece(id))} here`)
  return different.length === 0 ? undefined : `${theirs.size} ids there and ${ours.size} here; ${different.join(", ")}`
}
