import { Schema } from "effect"
import { byteIds, type PieceModel } from "./piece-model.ts"

const settings = Schema.Struct({
  vocab: Schema.Unknown,
  unk_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  byte_fallback: Schema.optionalKey(Schema.Boolean)
})

/** Log-likelihood of the least likely piece minus that of an unknown character. */
const penalty = 10

const scoresOf = (vocab: unknown): ReadonlyArray<readonly [piece: string, score: number]> => {
  if (!Array.isArray(vocab)) throw new Error("its vocab is not a list of pieces with scores")
  for (const [id, entry] of vocab.entries())
    if (!Array.isArray(entry) || typeof entry[0] !== "string" || typeof entry[1] !== "number")
      throw new Error(`its vocab has ${JSON.stringify(entry)?.slice(0, 40)} at ${id}, which is not a piece with a score`)
  return vocab
}

/** The best path to a position of a piece: the previous position, and the last piece. */
interface Step {
  readonly start: number
  readonly id: number
  readonly score: number
}

/** The most likely segmentation of a text (Kudo 2018); adjacent unknown characters are one token. */
const make = ({ vocab, unk_id, byte_fallback = false }: typeof settings.Type): PieceModel => {
  const pieces = scoresOf(vocab)
  const unknown = unk_id ?? undefined
  if (unknown === undefined) throw new Error("it has no unk_id, so what it does not know has no id")
  if (unknown < 0 || unknown >= pieces.length) throw new Error(`its unk_id is ${unknown}, but it has ${pieces.length} pieces`)
  const ids = new Map(pieces.map(([piece], id) => [piece, id]))
  const longest = pieces.reduce((most, [piece]) => Math.max(most, piece.length), 0)
  const unknownScore = pieces.reduce((least, [, score]) => Math.min(least, score), Infinity) - penalty

  const steps = (text: string): readonly (Step | undefined)[] => {
    const best: (Step | undefined)[] = new Array(text.length + 1)
    const reach = (start: number, end: number, id: number, score: number) => {
      const known = best[end]
      if (!known || score > known.score) best[end] = { start, id, score }
    }
    for (let start = 0; start < text.length; ) {
      const before = best[start]?.score ?? 0
      const one = text.codePointAt(start)! > 0xffff ? 2 : 1
      let alone = false
      for (let end = start + one; end <= text.length && end - start <= longest; end++) {
        const id = ids.get(text.slice(start, end))
        if (id === undefined) continue
        reach(start, end, id, pieces[id]![1] + before)
        if (end - start === one) alone = true
      }
      if (!alone) reach(start, start + one, unknown, unknownScore + before)
      start += one
    }
    return best
  }
  const idsOfText = (text: string): readonly number[] => {
    const known = ids.get(text)
    if (known !== undefined) return [known]
    return (byte_fallback ? byteIds(ids, text) : undefined) ?? [unknown]
  }
  return {
    ids,
    count: pieces.length,
    unknown,
    encode: (piece) => {
      const best = steps(piece)
      const texts: string[] = []
      let joins = false
      for (let end = piece.length; end > 0; ) {
        const { start, id } = best[end]!
        const text = piece.slice(start, end)
        if (joins && id === unknown) texts[texts.length - 1] = text + texts.at(-1)!
        else texts.push(text)
        joins = id === unknown
        end = start
      }
      return texts.reverse().flatMap(idsOfText)
    }
  }
}

export const unigram = { settings, make }
