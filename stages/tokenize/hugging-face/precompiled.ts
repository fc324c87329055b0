const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
const encoder = new TextEncoder()
const ascii = /^[\0-\x7f]*$/

/** Decodes base64; throws an `Error` for anything else. */
const bytesOf = (base64: string): Uint8Array => {
  const bytes = Buffer.from(base64, "base64")
  if (bytes.toString("base64").replace(/=+$/, "") !== base64.replace(/=+$/, ""))
    throw new Error("its character map is not base64")
  return bytes
}

/**
 * Decodes SentencePiece's character map (the double array of a trie, and the replacement texts), as T5, XLM-R and others include
 * it.
 * As in `tokenizers`, a grapheme of fewer than 6 bytes is replaced by the text of its *shortest* prefix in the map; other
 * graphemes are mapped character by character. Throws an `Error` for a truncated map.
 */
export const characterMap = (base64: string): ((text: string) => string) => {
  const bytes = bytesOf(base64)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = bytes.length < 4 ? -1 : view.getUint32(0, true)
  if (size < 4 || size % 4 !== 0 || 4 + size > bytes.length) throw new Error("its character map is cut short")
  const trie = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true))
  const texts = bytes.subarray(4 + size)

  const offset = (unit: number): number => (unit >>> 10) * ((unit & 0x200) === 0 ? 1 : 256)
  const textAt = (start: number): string => {
    const end = texts.indexOf(0, start)
    return Buffer.from(texts.subarray(start, end === -1 ? texts.length : end)).toString("utf8")
  }
  /** Returns the replacement of the shortest mapped prefix of a key. */
  const find = (key: Uint8Array): string | undefined => {
    let node = offset(trie[0]!)
    for (const byte of key) {
      if (byte === 0) return undefined
      node ^= byte
      const unit = trie[node]
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined
      node ^= offset(unit)
      if ((unit & 0x100) !== 0) return textAt((trie[node] ?? 0) & 0x7fffffff)
    }
    return undefined
  }
  const known = new Map<string, string>()
  const mapped = (text: string, key: Uint8Array): string => {
    let found = known.get(text)
    if (found === undefined) {
      found = find(key) ?? text
      if (known.size < 65_536) known.set(text, found)
    }
    return found
  }
  const character = (text: string): string => known.get(text) ?? mapped(text, encoder.encode(text))
  const grapheme = (text: string): string => {
    const key = encoder.encode(text)
    const whole = key.length < 6 ? find(key) : undefined
    return whole ?? Array.from(text, character).join("")
  }
  return (text) => {
    if (ascii.test(text) && !text.includes("\r\n")) return Array.from(text, character).join("")
    let out = ""
    for (const { segment } of segmenter.segment(text)) out += segment.length === 1 ? character(segment) : grapheme(segment)
    return out
  }
}
