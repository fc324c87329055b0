/** Ids that stand for no text, by what they are for; absent where a vocabulary has none. */
export interface SpecialIds {
  readonly pad?: number
  readonly unknown?: number
  readonly cls?: number
  readonly sep?: number
  readonly mask?: number
  /** Further ones that texts are put between, or that never come from a text. */
  readonly others?: readonly number[]
}

/** Facts about the ids in a field of tokens that hold before its tokenizer is opened. */
export interface FieldVocabulary {
  readonly special: SpecialIds
}

/** The same once it is opened. */
export interface OpenedVocabulary extends FieldVocabulary {
  /** The file that it is read from; null for one that is learnt from captions. */
  readonly file: string | null
  /** The largest id plus one. */
  readonly size: number
  /** The piece of an id; undefined for an id that none has. */
  readonly piece: (id: number) => string | undefined
}

/** Vocabularies by the field whose ids are theirs. */
export interface FieldVocabularies {
  readonly [field: string]: FieldVocabulary | OpenedVocabulary
}
export interface OpenedVocabularies {
  readonly [field: string]: OpenedVocabulary
}

/** Describes how two vocabularies differ: both sizes, and the first ids with other pieces; undefined where they do not. */
export const vocabularyDifference = (ours: OpenedVocabulary, theirs: OpenedVocabulary): string | undefined => {
  const shown = (piece: string | undefined): string => (piece === undefined ? "nothing" : `'${piece}'`)
  const most = Math.max(ours.size, theirs.size)
  const different: string[] = []
  for (let id = 0; id < most && different.length < 3; id++)
    if (ours.piece(id) !== theirs.piece(id))
      different.push(`${id} is ${shown(theirs.piece(id))} there and ${shown(ours.piece(id))} here`)
  return different.length === 0 ? undefined : `${theirs.size} ids there and ${ours.size} here; ${different.join(", ")}`
}
