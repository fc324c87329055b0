import { isUtf8 } from "node:buffer"

/** Size of a tar's blocks in bytes. */
export const blockBytes = 512

/** Bytes of padding after `size` bytes, up to a whole block. */
export const paddingOf = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes

const longestName = 100
const longestPrefix = 155
const largestOctal = 8 ** 11 - 1
const checksumAt = 148

/** Sums a header's bytes, with those of the checksum itself taken as spaces. */
const checksum = (block: Uint8Array): number => {
  let sum = 8 * 32
  for (let i = 0; i < blockBytes; i++) if (i < checksumAt || i >= checksumAt + 8) sum += block[i]!
  return sum
}

const putText = (block: Uint8Array, at: number, text: string): void => block.set(Buffer.from(text, "latin1"), at)
const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0")

/** Splits a name as ustar does: a prefix and a name, joined by a slash; `undefined` where no split fits. */
const splitName = (name: Uint8Array): readonly [prefix: Uint8Array, name: Uint8Array] | undefined => {
  if (name.length <= longestName) return [new Uint8Array(), name]
  for (let at = Math.min(longestPrefix, name.length - 2); at >= name.length - longestName - 1 && at > 0; at--) {
    if (name[at] === 0x2f) return [name.subarray(0, at), name.subarray(at + 1)]
  }
  return undefined
}

/**
 * Returns the ustar header of a member: mode 0644, owner 0, time 0, so that the same content is the same bytes.
 *
 * `undefined` where the name (UTF-8) does not fit in ustar's 100 or 155 + 1 + 100 bytes. Throws a `RangeError` for a name that is
 * empty or has a NUL, and a size that is not an integer below 8 GiB.
 */
export const ustarHeader = (name: string, size: number, type = "0"): Uint8Array | undefined => {
  if (name === "" || name.includes("\0")) throw new RangeError(`tar: ${JSON.stringify(name)} is no name`)
  if (!Number.isSafeInteger(size) || size < 0 || size > largestOctal) throw new RangeError(`tar: ${size} bytes are no size`)
  const split = splitName(new TextEncoder().encode(name))
  if (split === undefined) return undefined
  const block = new Uint8Array(blockBytes)
  block.set(split[1], 0)
  putText(block, 100, "0000644\u00000000000\u00000000000\0")
  putText(block, 124, `${octal(size, 11)}\0${octal(0, 11)}\0`)
  putText(block, 156, type)
  putText(block, 257, "ustar\u000000")
  putText(block, 329, "0000000\u00000000000\0")
  block.set(split[0], 345)
  putText(block, checksumAt, `${octal(checksum(block), 6)}\0 `)
  return block
}

/** Fields of a header. */
export interface TarHeader {
  readonly name: string
  readonly size: number
  /** "0" for a regular file, in any spelling of the header. */
  readonly type: string
}

/** Decodes a name as UTF-8, or byte by byte where it is not UTF-8, so that distinct names stay distinct. */
export const nameOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString(isUtf8(bytes) ? "utf8" : "latin1")

const text = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return nameOf(end < 0 ? bytes : bytes.subarray(0, end))
}

/** Parses a number in octal digits, or in base 256 where the first bit is set (GNU); NaN for anything else. */
const number = (bytes: Uint8Array): number => {
  if (bytes[0] === 0x80) return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
  const digits = Buffer.from(bytes).toString("latin1").replaceAll("\0", " ").trim()
  if (digits === "") return 0
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

/** True where a block is all zeros: the end of a tar. */
export const isZeroBlock = (block: Uint8Array): boolean => block.every((byte) => byte === 0)

/** Parses a header block; returns its fields, or the problem with it. */
export const parseHeader = (block: Uint8Array): TarHeader | { readonly problem: string } => {
  if (number(block.subarray(checksumAt, checksumAt + 8)) !== checksum(block)) return { problem: "no tar header (checksum)" }
  const size = number(block.subarray(124, 136))
  if (!Number.isSafeInteger(size)) return { problem: "a size that is no number" }
  const isUstar = text(block.subarray(257, 262)) === "ustar" && block[262] === 0
  const prefix = isUstar ? text(block.subarray(345, 500)) : ""
  const short = text(block.subarray(0, 100))
  const name = prefix === "" ? short : `${prefix}/${short}`
  const flag = String.fromCharCode(block[156]!)
  const regular = flag === "0" || flag === "\0" || flag === "7"
  return { name, size, type: regular ? (flag === "\0" && name.endsWith("/") ? "5" : "0") : flag }
}
