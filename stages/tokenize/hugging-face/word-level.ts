import { Schema } from "effect"
import { idsOf, type PieceModel, unknownOf } from "./piece-model.ts"

const settings = Schema.Struct({ vocab: Schema.Unknown, unk_token: Schema.String })

/** Looks up whole words; any other word is unknown. */
const make = ({ vocab, unk_token }: typeof settings.Type): PieceModel => {
  const ids = idsOf(vocab)
  const unknown = unknownOf(ids, unk_token)
  return { ids, count: ids.size, unknown, encode: (piece) => [ids.get(piece) ?? unknown] }
}

export const wordLevel = { settings, make }
