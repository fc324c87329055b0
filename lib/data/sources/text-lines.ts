import { isUtf8 } from "node:buffer"
import { markedEncoding, utf8, utf8Fault } from "./text-encoding.ts"

/** Maximum bytes of a line; a longer one is refused, since files of other formats may have such lines. */
export const longestLine = 16 * 2 ** 20

/** Takes a line without its LF, counted from 1, and the problem with its bytes; a message that is returned ends the reading. */
export type EachLine = (line: string, number: number, fault?: string) => string | undefined

/** Reads a text in pieces of bytes. */
export interface LineReader {
  readonly push: (bytes: Uint8Array) => string | undefined
  readonly end: () => string | undefined
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")

/** Reads lines of UTF-8: many of them are decoded at once, and one by one only where a byte is wrong. */
const utf8Lines = (each: EachLine, lineEnd: number): LineReader => {
  const separator = String.fromCharCode(lineEnd)
  let parts: Uint8Array[] = []
  let held = 0
  let number = 0
  let offset = 0
  const oneByOne = (bytes: Uint8Array): string | undefined => {
    for (let from = 0; from < bytes.length; ) {
      const found = bytes.indexOf(lineEnd, from)
      const until = found < 0 ? bytes.length : found
      const line = bytes.subarray(from, until)
      const problem = each(textOf(line), ++number, isUtf8(line) ? undefined : utf8Fault(line, offset + from))
      if (problem !== undefined) return problem
      from = until + 1
    }
    return undefined
  }
  const take = (bytes: Uint8Array): string | undefined => {
    const text = textOf(bytes)
    if (text.includes("\ufffd")) return oneByOne(bytes)
    for (let from = 0; from < text.length; ) {
      const found = text.indexOf(separator, from)
      const until = found < 0 ? text.length : found
      const problem = each(text.slice(from, until), ++number)
      if (problem !== undefined) return problem
      from = until + 1
    }
    return undefined
  }
  const flush = (bytes: Uint8Array): string | undefined => {
    const whole = parts.length === 0 ? bytes : Buffer.concat([...parts, bytes])
    const marked = offset === 0 && markedEncoding(whole) === utf8 ? 3 : 0
    offset += marked
    const problem = take(marked > 0 ? whole.subarray(marked) : whole)
    offset += whole.length - marked
    parts = []
    held = 0
    return problem
  }
  return {
    push: (bytes) => {
      const last = bytes.lastIndexOf(lineEnd) + 1
      const problem = last > 0 ? flush(bytes.subarray(0, last)) : undefined
      if (problem !== undefined) return problem
      if (last < bytes.length) parts.push(bytes.slice(last))
      held += bytes.length - last
      return held > longestLine ? `line ${number + 1}: more than ${longestLine} bytes without an end of line` : undefined
    },
    end: () => (held > 0 ? flush(new Uint8Array()) : undefined)
  }
}

/** Reads lines of any other encoding, in pieces as they arrive. */
const otherLines = (encoding: string, each: EachLine, separator: string): LineReader => {
  const decoder = new TextDecoder(encoding)
  let rest = ""
  let number = 0
  const line = (text: string) => each(text, ++number, text.includes("\ufffd") ? `bytes that are no ${encoding}` : undefined)
  const take = (text: string): string | undefined => {
    const lines = (rest + text).split(separator)
    rest = lines.pop()!
    for (const each of lines) {
      const problem = line(each)
      if (problem !== undefined) return problem
    }
    return rest.length > longestLine
      ? `line ${number + 1}: more than ${longestLine} characters without an end of line`
      : undefined
  }
  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    end: () => take(decoder.decode()) ?? (rest === "" ? undefined : line(rest))
  }
}

/**
 * Reads the lines of a text in pieces of bytes. A byte order mark is removed; a line whose bytes are not of the encoding is
 * passed on with its fault, for UTF-8 the byte and its place in the file. Lines end with LF; a CR before it is left in the line.
 */
export const textLines = (encoding: string, each: EachLine, lineEnd: "\n" | "\r" = "\n"): LineReader =>
  encoding === utf8 ? utf8Lines(each, lineEnd.charCodeAt(0)) : otherLines(encoding, each, lineEnd)
