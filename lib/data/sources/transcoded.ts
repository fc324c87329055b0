import { utf8 } from "./text-encoding.ts"
import type { LineReader } from "./text-lines.ts"

/** Passes a text of another encoding on as UTF-8; bytes that are not of the encoding end the reading. */
export const transcoded = (encoding: string, reader: LineReader): LineReader => {
  if (encoding === utf8) return reader
  const decoder = new TextDecoder(encoding, { fatal: true })
  const encoder = new TextEncoder()
  const decoded = (bytes?: Uint8Array): string | undefined => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      return undefined
    }
  }
  const give = (text: string | undefined) =>
    text === undefined ? `bytes that are no ${encoding}` : text === "" ? undefined : reader.push(encoder.encode(text))
  return { push: (bytes) => give(decoded(bytes)), end: () => give(decoded()) ?? reader.end() }
}
