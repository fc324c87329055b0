import { Schema } from "effect"
import { idsOf, type PieceModel, unknownOf } from "./piece-model.ts"

const settings = Schema.Struct({
  vocab: Schema.Unknown,
  unk_token: Schema.String,
  continuing_subword_prefix: Schema.String,
  max_input_chars_per_word: Schema.Int
})

/**
 * Takes the longest known prefix repeatedly (Schuster and Nakajima 2012); a word that cannot be segmented so is unknown as a
 * whole.
 */
const make = (config: typeof settings.Type): PieceModel => {
  const { unk_token, continuing_subword_prefix: prefix, max_input_chars_per_word: longest } = config
  const ids = idsOf(config.vocab)
  const unknown = unknownOf(ids, unk_token)
  return {
    ids,
    count: ids.size,
    unknown,
    encode: (piece) => {
      const characters = Array.from(piece)
      if (characters.length > longest) return [unknown]
      const found: number[] = []
      for (let start = 0; start < piece.length; ) {
        let end = piece.length
        let id: number | undefined
        for (let last = characters.length; end > start; end -= characters[--last]!.length) {
          const part = piece.slice(start, end)
          id = ids.get(start > 0 ? prefix + part : part)
          if (id !== undefined) break
        }
        if (id === undefined) return [unknown]
        found.push(id)
        start = end
      }
      return found
    }
  }
}

export const wordPiece = { settings, make }
