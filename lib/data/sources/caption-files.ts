import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { captionsIn, listLiteral } from "./list-literal.ts"
import { pythonJson } from "./python-json.ts"
import { decodeText } from "./text-encoding.ts"

/** The captions of a file, or why it has none that can be read: the reason of a `SampleError`. */
export type FileCaptions = { readonly captions: readonly string[] } | { readonly reason: string }

/** The captions of a sample's file; a file without any that can be read is a `SampleError`. */
export const captionsOf = (id: string, found: FileCaptions): Effect.Effect<readonly string[], SampleError> => {
  if ("captions" in found && found.captions.length > 0) return Effect.succeed(found.captions)
  return Effect.fail(new SampleError({ id, reason: "reason" in found ? found.reason : "no-caption" }))
}

const notDecoded = (fault: string): FileCaptions => ({ reason: `not-utf8(${fault}; the texts' encoding is named by ?encoding=)` })

/** The captions of a text: a line each, blank ones left out, or those of the list that it is. `encoding` is UTF-8 unless given. */
export const captionsOfText = (bytes: Uint8Array, encoding?: string): FileCaptions => {
  const decoded = decodeText(bytes, encoding)
  if ("fault" in decoded) return notDecoded(decoded.fault)
  // An array that numpy printed goes over lines.
  const lines = listLiteral(decoded.text) ?? decoded.text.split(/\r?\n/).flatMap(captionsIn)
  return { captions: lines.filter((line) => line.trim() !== "") }
}

/** Members of a JSON object that hold its captions, where none is named: a text or a list of texts. */
const captionMembers: readonly string[] = ["captions", "caption", "text"]

/**
 * The captions in a JSON object: of the member of some name, or else of the first of `captions`, `caption` and `text` that has any.
 * Only the object's own members count, so that a `__proto__` in the text changes nothing; none where the text is no such object. JSON
 * is UTF-8, and only what is not is read by the encoding that is given.
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
  if (typeof value !== "object" || value === null) return { captions: [] }
  const members = new Map<string, unknown>(Object.entries(value))
  for (const member of named === undefined ? captionMembers : [named]) {
    const found = members.get(member)
    const texts = Array.isArray(found) ? found : [found]
    const kept = texts
      .filter((text): text is string => typeof text === "string")
      .flatMap(captionsIn)
      .filter((text) => text.trim() !== "")
    if (kept.length > 0) return { captions: kept }
  }
  return { captions: [] }
}
