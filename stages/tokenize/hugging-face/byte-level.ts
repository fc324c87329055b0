/**
 * Characters that stand for bytes: printable Latin-1 characters for themselves, characters from U+0100 on for the others (GPT-2).
 */
const characters: readonly string[] = (() => {
  const printable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0xad) || byte > 0xad
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

const encoder = new TextEncoder()
const plain = /^[\x20-\x7e]*$/

/** Encodes a text's UTF-8 bytes as one visible character each, the alphabet of byte-level BPE vocabularies. */
export const byteLevel = (text: string): string => {
  if (plain.test(text)) return text.replaceAll(" ", characters[0x20]!)
  let out = ""
  for (const byte of encoder.encode(text)) out += characters[byte]!
  return out
}
