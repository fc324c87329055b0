/** Characters that stand for bytes: printable ones of Latin-1 for themselves, the others for what follows U+00FF (GPT-2). */
const characters: readonly string[] = (() => {
  const printable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0xad) || byte > 0xad
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

const encoder = new TextEncoder()
const plain = /^[\x20-\x7e]*$/

/** A text's UTF-8 bytes, each as one visible character: what vocabularies of byte-level BPE are written in. */
export const byteLevel = (text: string): string => {
  if (plain.test(text)) return text.replaceAll(" ", characters[0x20]!)
  let out = ""
  for (const byte of encoder.encode(text)) out += characters[byte]!
  return out
}
