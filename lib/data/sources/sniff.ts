import { constants, gunzipSync } from "node:zlib"
import { oneLine } from "../../error/one-line.ts"
import { sniffFormat } from "../image-loaders.ts"
import { parseHeader } from "../tar/tar-header.ts"

/** Kind of a file by its first 64 KiB. */
export type FileKind = "empty" | "json" | "parquet" | "tar" | "text" | { readonly other: string }

/** Number of bytes by which a file's kind is detected. */
export const sniffedBytes = 64 * 2 ** 10

const startsWith = (bytes: Uint8Array, ...start: readonly number[]) => start.every((byte, i) => bytes[i] === byte)

/** Formats that are not of data sets, by their first bytes. */
const foreign: ReadonlyArray<readonly [name: string, ...start: readonly number[]]> = [
  ["a zip file", 0x50, 0x4b, 0x03, 0x04],
  ["a gzip file", 0x1f, 0x8b],
  ["a zstd file", 0x28, 0xb5, 0x2f, 0xfd],
  ["an xz file", 0xfd, 0x37, 0x7a, 0x58],
  ["a bzip2 file", 0x42, 0x5a, 0x68],
  ["an Arrow file", 0x41, 0x52, 0x52, 0x4f, 0x57, 0x31],
  ["an HDF5 file", 0x89, 0x48, 0x44, 0x46],
  ["an SQLite file", 0x53, 0x51, 0x4c, 0x69, 0x74, 0x65],
  ["UTF-32 text", 0xff, 0xfe, 0, 0],
  ["UTF-32 text", 0, 0, 0xfe, 0xff]
]

/** Detects UTF-16 without a mark: every other byte is mostly zero and those between are mostly of a text in Latin letters. */
const utf16Without = (head: Uint8Array): string | undefined => {
  const zeros = [0, 0]
  const letters = [0, 0]
  for (let i = 0; i < head.length; i++) {
    const byte = head[i]!
    if (byte === 0) zeros[i & 1]!++
    else if (byte >= 0x09 && byte < 0x7f) letters[i & 1]!++
  }
  const most = 0.3 * head.length
  if (zeros[1]! > most && letters[0]! > most) return "utf-16le"
  return zeros[0]! > most && letters[1]! > most ? "utf-16be" : undefined
}

/** Returns the first bytes of the content of a gzip file, if it is one; `head` are its first bytes. */
export const gunzippedHead = (head: Uint8Array): Uint8Array | undefined => {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return undefined
  try {
    // A truncated head returns its content so far. Content is at most about a thousand times as large as compressed.
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 27 }).subarray(0, sniffedBytes)
  } catch {
    return undefined
  }
}

/** Returns the problem with a gzip file whose first bytes cannot be decompressed, as a message; undefined for any other file. */
export const gzipFault = (head: Uint8Array): string | undefined => {
  if (head[0] !== 0x1f || head[1] !== 0x8b) return undefined
  try {
    gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 27 })
    return undefined
  } catch (cause) {
    return damagedGzip(cause)
  }
}

/** Returns the message about a gzip file that cannot be decompressed, with what to do. */
export const damagedGzip = (cause: unknown): string => `a damaged gzip file (${oneLine(cause)}): fetch or pack it anew`

/** Detects the kind of a file by its content, whatever its name. */
export const sniff = (head: Uint8Array): FileKind => {
  if (head.length === 0) return "empty"
  if (startsWith(head, 0x50, 0x41, 0x52, 0x31)) return "parquet"
  if (
    head.length >= 512 &&
    head.subarray(0, 512).some((byte) => byte !== 0) &&
    !("problem" in parseHeader(head.subarray(0, 512)))
  )
    return "tar"
  const known = foreign.find(([, ...start]) => startsWith(head, ...start))
  if (known) return { other: known[0] }
  const image = sniffFormat(head)
  if (image === "markup") return { other: "markup (HTML, XML or SVG)" }
  if (image !== "unknown") return { other: `a ${image} image` }
  if (head.includes(0)) {
    const encoding = utf16Without(head)
    if (encoding === undefined) return { other: "binary data of no known format" }
    return { other: `UTF-16 text without a byte order mark (name its encoding by ?encoding=${encoding})` }
  }
  const text = startsWith(head, 0xef, 0xbb, 0xbf) ? head.subarray(3) : head
  const first = text.find((byte) => byte > 0x20)
  if (first === undefined) return text.length < sniffedBytes - 3 ? "empty" : "text"
  // A table's first name may begin with a bracket, but then no value of JSON follows it.
  return first === 0x5b || first === 0x7b ? "json" : "text"
}
