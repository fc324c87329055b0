import { Effect } from "effect"
import { runHost } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import { textInput } from "../task/items.ts"

/** A word of a caption and the positions of its tokens, [start, end). */
export interface WordPlaces {
  readonly word: string
  readonly start: number
  readonly end: number
}

const bare = (word: string): string => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word

interface Tokens {
  readonly ids: Int32Array
  readonly real: number
}

/**
 * Finds the tokens of each word of a caption by tokenizing increasingly long prefixes of it: no knowledge of the vocabulary is
 * needed. Truncated words are omitted. `host` are the stages that read captions and add `tokens` and `tokenMask`.
 */
export const wordPlaces = Effect.fn("report.wordPlaces")(function* (caption: string, host: readonly ReadyStage[]) {
  const words = caption.split(/\s+/).filter((word) => word !== "")
  const tokenize = Effect.fnUntraced(function* (text: string) {
    const values = yield* runHost(host, textInput({ text, id: "caption", group: 0 }), null)
    const mask = values["tokenMask"] as Uint8Array
    return { ids: values["tokens"] as Int32Array, real: mask.reduce((sum, one) => sum + one, 0) } satisfies Tokens
  })
  const empty = yield* tokenize("")
  const all = yield* tokenize(words.join(" "))
  let before = 0
  while (before < empty.real && empty.ids[before] === all.ids[before]) before++
  const places: WordPlaces[] = []
  const last = before + all.real - empty.real
  let start = before
  for (const [i, word] of words.entries()) {
    // A caption may be a megabyte long: truncated words are not processed.
    if (start >= last) break
    const { real } = yield* tokenize(words.slice(0, i + 1).join(" "))
    const end = before + real - empty.real
    if (end > start) places.push({ word: bare(word), start, end })
    start = Math.max(start, end)
  }
  return places
})
