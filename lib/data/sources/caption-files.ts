import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { type CaptionTexts, captionTexts } from "./caption-value.ts"
import { captionsIn, listLiteral } from "./list-literal.ts"
import { isObject, memberOf } from "./members.ts"
import { pythonJson } from "./python-json.ts"
import { loneSurrogate } from "./text-column.ts"
import { decodeText } from "./text-encoding.ts"

/** The captions of a file, or the reason of a `SampleError` where it has none that can be read. */
export type FileCaptions = FoundCaptions | { readonly reason: string }

/** Captions, and problems with values that should be captions. */
export interface FoundCaptions {
  readonly captions: readonly string[]
  readonly faults: readonly string[]
  /** Doubtful properties of the captions found. */
  readonly notes: readonly string[]
}

/** Returns the captions of a sample's file; a file without any that can be read is a `SampleError`. */
export const captionsOf = (id: string, found: FileCaptions): Effect.Effect<readonly string[], SampleError> => {
  if ("captions" in found && found.captions.length > 0) return Effect.succeed(found.captions)
  if ("reason" in found) return Effect.fail(new SampleError({ id, reason: found.reason }))
  const why = found.faults.length > 0 ? `no-caption(${found.faults.join(", ")})` : "no-caption"
  return Effect.fail(new SampleError({ id, reason: why }))
}

const found = (read: readonly CaptionTexts[]): FoundCaptions => {
  const captions = read.flatMap(({ texts }) => texts).filter((text) => text.trim() !== "")
  const isWhole = captions.every((text) => text.isWellFormed())
  const notes = isWhole ? [] : [`caption with a ${loneSurrogate}`]
  return {
    captions: isWhole ? captions : captions.map((text) => text.toWellFormed()),
    notes,
    faults: [...new Set(read.flatMap(({ fault }) => fault ?? []))]
  }
}

const nothing: FoundCaptions = { captions: [], faults: [], notes: [] }

/** Returns the captions in a value of JSON. */
const foundIn = (value: unknown): FoundCaptions => {
  const { texts, fault } = captionTexts(value)
  return found([{ texts: [], ...(fault === undefined ? {} : { fault }) }, ...texts.map(captionsIn)])
}

const notDecoded = (fault: string): FileCaptions => ({ reason: `not-utf8(${fault}; the texts' encoding is named by ?encoding=)` })

/**
 * Returns the captions of a text: one per line, except blank ones, or those of the list that it is. `encoding` is UTF-8 by
 * default.
 */
export const captionsOfText = (bytes: Uint8Array, encoding?: string): FileCaptions => {
  const decoded = decodeText(bytes, encoding)
  if ("fault" in decoded) return notDecoded(decoded.fault)
  // An array that numpy printed spans several lines.
  const whole = listLiteral(decoded.text)
  return found(whole ? [whole] : decoded.text.split(/\r?\n/).map(captionsIn))
}

/** Members of a JSON object that hold its captions, where none is named: a text or a list of texts. */
const captionMembers: readonly string[] = ["captions", "caption", "text"]

/**
 * Returns the captions in a JSON object: of the named member, or else of the first of `captions`, `caption` and `text` that has
 * any. A list contains several captions. Only the object's own members count, so that a `__proto__` in the text has no effect. A
 * JSON text that is not an object is read as captions itself, unless a member is named. The text is decoded as UTF-8, and only
 * otherwise in the given encoding.
 */
export const captionsOfJson = (bytes: Uint8Array, named?: string, encoding?: string): FileCaptions => {
  const plain = decodeText(bytes)
  const decoded = "fault" in plain && encoding !== undefined ? decodeText(bytes, encoding) : plain
  if ("fault" in decoded) return notDecoded(decoded.fault)
  let value: unknown
  try {
    value = pythonJson()(decoded.text)
  } catch {
    return { reason: "broken-json" }
  }
  if (!isObject(value)) return named === undefined && value !== null ? foundIn(value) : nothing
  const faults: string[] = []
  for (const member of named === undefined ? captionMembers : [named]) {
    const given = memberOf(value, member)
    // An empty member is skipped for the next one.
    if (given === undefined || given === null) continue
    const read = foundIn(given)
    faults.push(...read.faults.map((fault) => `${member} is ${fault}`))
    if (read.captions.length > 0) return { ...read, faults }
  }
  return { ...nothing, faults }
}
