import { Schema } from "effect"
import { mostFrequent } from "../most-frequent.ts"
import { byteIds, idsOf, type PieceModel, unknownOf } from "./piece-model.ts"

const optional = <S extends Schema.Top>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const settings = Schema.Struct({
  vocab: Schema.Unknown,
  merges: Schema.Unknown,
  dropout: optional(Schema.Finite),
  unk_token: optional(Schema.String),
  continuing_subword_prefix: optional(Schema.String),
  end_of_word_suffix: optional(Schema.String),
  fuse_unk: optional(Schema.Boolean),
  byte_fallback: optional(Schema.Boolean),
  ignore_merges: optional(Schema.Boolean)
})

/** Packs two ids into one safe integer. */
const pair = (left: number, right: number): number => left * 2 ** 26 + right

/** Reads merges in either file form: "a b", or since 2024 ["a", "b"]. */
const mergesOf = (merges: unknown): ReadonlyArray<readonly [left: string, right: string]> => {
  if (!Array.isArray(merges)) throw new Error("its merges are not a list")
  const listed = merges.filter((merge) => typeof merge !== "string" || !merge.startsWith("#version"))
  return listed.map((merge: unknown, rank) => {
    const parts: readonly unknown[] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : []
    const [left, right] = parts
    if (parts.length !== 2 || typeof left !== "string" || typeof right !== "string")
      throw new Error(`its merge ${rank + 1} is ${JSON.stringify(merge)}, not two pieces`)
    return [left, right]
  })
}

interface Merge {
  readonly rank: number
  readonly id: number
}

const mergeTable = (ids: ReadonlyMap<string, number>, merges: unknown, prefix: string): ReadonlyMap<number, Merge> => {
  const idOf = (piece: string): number => {
    const id = ids.get(piece)
    if (id === undefined) throw new Error(`its merges have '${piece}', which is not in its vocab`)
    if (id >= 2 ** 26) throw new Error(`its vocab gives '${piece}' the id ${id}`)
    return id
  }
  return new Map(
    mergesOf(merges).map(([left, right], rank) => [
      pair(idOf(left), idOf(right)),
      { rank, id: idOf(left + right.slice(prefix.length)) }
    ])
  )
}

/** Merges neighbours, the merge learned first each time, the leftmost of several; returns the remaining pieces in order. */
const merged = (pieces: readonly number[], merges: ReadonlyMap<number, Merge>): readonly number[] => {
  const ids = [...pieces]
  const next = ids.map((_, i) => i + 1)
  const previous = ids.map((_, i) => i - 1)
  const gone = new Uint8Array(ids.length)
  const waiting = mostFrequent()
  const mergeAt = (at: number): Merge | undefined =>
    next[at]! < ids.length ? merges.get(pair(ids[at]!, ids[next[at]!]!)) : undefined
  const offer = (at: number) => {
    const merge = mergeAt(at)
    if (merge) waiting.push(-merge.rank, at)
  }
  for (let at = 0; at < ids.length - 1; at++) offer(at)
  for (let top = waiting.pop(); top; top = waiting.pop()) {
    const [rank, at] = top
    const merge = gone[at] === 1 ? undefined : mergeAt(at)
    // The neighbours may have been merged otherwise since the entry was added.
    if (!merge || merge.rank !== -rank) continue
    const right = next[at]!
    ids[at] = merge.id
    gone[right] = 1
    next[at] = next[right]!
    if (next[at]! < ids.length) previous[next[at]!] = at
    if (previous[at]! >= 0) offer(previous[at]!)
    offer(at)
  }
  return ids.filter((_, i) => gone[i] === 0)
}

/** Byte-pair encoding (Sennrich et al. 2016): characters, merged in the order in which the merges were learned. */
const make = (config: typeof settings.Type): PieceModel => {
  if ((config.dropout ?? 0) !== 0) throw new Error(`it has a dropout of ${config.dropout}: its pieces are drawn at random`)
  const [prefix, suffix] = [config.continuing_subword_prefix ?? "", config.end_of_word_suffix ?? ""]
  const ids = idsOf(config.vocab)
  const merges = mergeTable(ids, config.merges, prefix)
  const unknown = config.unk_token == null ? undefined : unknownOf(ids, config.unk_token)

  const spelled = (piece: string): readonly number[] => {
    const found: number[] = []
    const characters = Array.from(piece)
    let waiting = false
    const known = (all: readonly number[]) => {
      found.push(...all)
    }
    for (const [i, character] of characters.entries()) {
      const written = `${i > 0 ? prefix : ""}${character}${i === characters.length - 1 ? suffix : ""}`
      const id = ids.get(written)
      if (id !== undefined) {
        if (waiting) found.push(unknown!)
        waiting = false
        known([id])
        continue
      }
      // As in `tokenizers`, bytes are written before an unknown character that precedes them.
      const bytes = config.byte_fallback === true ? byteIds(ids, written) : undefined
      if (bytes) known(bytes)
      else if (unknown !== undefined) {
        if (waiting && config.fuse_unk !== true) found.push(unknown)
        waiting = true
      }
    }
    if (waiting) found.push(unknown!)
    return found
  }
  return {
    ids,
    count: ids.size,
    unknown,
    encode: (piece) => {
      const whole = config.ignore_merges === true ? ids.get(piece) : undefined
      return whole === undefined ? merged(spelled(piece), merges) : [whole]
    }
  }
}

export const bytePairs = { settings, make }
