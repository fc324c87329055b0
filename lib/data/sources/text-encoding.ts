import { isUtf8 } from "node:buffer"
import { Effect } from "effect"
import { DataError } from "../data-error.ts"
import { type Location, optionParts } from "./location.ts"

/** The encoding of texts, unless a mark at their start or `?encoding=` specifies another. */
export const utf8 = "utf-8"

/** Returns the encoding of the byte order mark at the start of a text, if there is one. */
export const markedEncoding = (bytes: Uint8Array): string | undefined => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return utf8
  // UTF-32's mark begins like UTF-16's.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes[2] === 0 && bytes[3] === 0 ? undefined : "utf-16le"
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined
}

/** Returns the encoding that `?encoding=` names, by its standard name. */
export const encodingOption = (location: Location): Effect.Effect<string | undefined, DataError> => {
  const [name] = optionParts(location, "encoding")
  if (name === undefined) return Effect.succeed(undefined)
  const problem = `encoding=${name.slice(0, 40)}: no known encoding; expected a name as windows-1252, utf-16le, shift_jis, gb18030`
  return Effect.try({
    try: () => new TextDecoder(name).encoding,
    catch: () => new DataError({ file: location.name, problem })
  })
}

/** Returns the index of the first byte that is not UTF-8, or −1. */
export const firstNotUtf8 = (bytes: Uint8Array): number => {
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!
    const more =
      lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1
    if (more < 0) return i
    for (let k = 1; k <= more; k++) {
      const byte = bytes[i + k]
      // Overlong forms, surrogates and code points beyond the last are detected by the second byte.
      const least = k > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
      const most = k > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
      if (byte === undefined || byte < least || byte > most) return i
    }
    i += more + 1
  }
  return -1
}

/** Returns the problem with bytes that are not UTF-8: `byte 0xe9 at 27`, counted from `offset`. */
export const utf8Fault = (bytes: Uint8Array, offset = 0): string => {
  const at = firstNotUtf8(bytes)
  return `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} at ${offset + Math.max(0, at)}`
}

/**
 * Decodes a text in the encoding of its mark, or the given one, or UTF-8, without the mark; returns the problem with bytes that
 * are not of the encoding, never U+FFFD for bytes that could not be decoded.
 */
export const decodeText = (bytes: Uint8Array, given: string = utf8): { readonly text: string } | { readonly fault: string } => {
  const encoding = markedEncoding(bytes) ?? given
  if (encoding === utf8) {
    if (!isUtf8(bytes)) return { fault: utf8Fault(bytes) }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
    return { text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text }
  }
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }
  } catch {
    return { fault: `bytes that are no ${encoding}` }
  }
}
