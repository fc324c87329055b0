/** A vocabulary and its algorithm for encoding a piece of text. */
export interface PieceModel {
  /** Ids by piece. */
  readonly ids: ReadonlyMap<string, number>
  /** Number of pieces: the first id of an added token that is not among them. */
  readonly count: number
  /** Id of unknown text; undefined where unknown text is dropped. */
  readonly unknown: number | undefined
  /** Returns the ids of a non-empty piece. */
  readonly encode: (piece: string) => readonly number[]
}

const greatest = 2 ** 31 - 1

/**
 * Reads the ids of a vocabulary { piece: id }; throws an `Error` for anything else. Without a schema, since there may be 250,000.
 */
export const idsOf = (vocab: unknown): Map<string, number> => {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab))
    throw new Error("its vocab is not an object of ids by piece")
  const ids = new Map<string, number>()
  for (const [piece, id] of Object.entries(vocab)) {
    if (!Number.isInteger(id) || id < 0 || id > greatest)
      throw new Error(`its vocab gives '${piece}' the id ${JSON.stringify(id)}`)
    ids.set(piece, id)
  }
  return ids
}

/** Returns the id of the unknown piece. Throws an `Error` where the vocabulary has no such piece. */
export const unknownOf = (ids: ReadonlyMap<string, number>, piece: string): number => {
  const id = ids.get(piece)
  if (id === undefined) throw new Error(`its unk_token '${piece}' is not in its vocab`)
  return id
}

const encoder = new TextEncoder()

/**
 * Returns the ids of the bytes of a text, as vocabularies with byte_fallback write them (`<0x0A>`); undefined where one is
 * missing.
 */
export const byteIds = (ids: ReadonlyMap<string, number>, text: string): readonly number[] | undefined => {
  const found: number[] = []
  for (const byte of encoder.encode(text)) {
    const id = ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`)
    if (id === undefined) return undefined
    found.push(id)
  }
  return found
}
