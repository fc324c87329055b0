import { sniffedBytes } from "./sniff.ts"
import { utf8 } from "./text-encoding.ts"

/** Beginning of a text, and properties of its bytes. */
export interface TextHead {
  readonly encoding: string
  /** End of lines; CR alone occurs in old files. */
  readonly lineEnd: "\n" | "\r"
  /** True where it is compressed by gzip. */
  readonly gzip: boolean
  /** Its first lines, without their ends; whole ones only, where there is more than one. */
  readonly lines: readonly string[]
}

/** Returns the head of a text from its first bytes: all of them, or as many as are sniffed. */
export const textHead = (head: Uint8Array, encoding: string = utf8, gzip = false): TextHead => {
  const text = new TextDecoder(encoding).decode(head)
  const lineEnd = !text.includes("\n") && text.includes("\r") ? "\r" : "\n"
  const lines = text.split(lineEnd).map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
  return { encoding, lineEnd, gzip, lines: lines.length > 1 && head.length >= sniffedBytes ? lines.slice(0, -1) : lines }
}
