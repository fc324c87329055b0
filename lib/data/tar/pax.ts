import { nameOf } from "./tar-header.ts"

/** Properties of the next member that an extended header may change. */
export interface Extended {
  readonly name?: string
  readonly size?: number
  /** True where the member is stored sparsely, in pieces with holes, so that it cannot be read as one file. */
  readonly sparse?: boolean
}

/** Parses the relevant records of a pax header (POSIX.1-2001); `undefined` where it is not one. */
export const parsePax = (bytes: Uint8Array): Extended | undefined => {
  let found: Extended = {}
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(0x20, at)
    const digits = space < 0 || space - at > 10 ? "" : Buffer.from(bytes.subarray(at, space)).toString("latin1")
    const length = /^[0-9]+$/.test(digits) ? Number(digits) : 0
    const end = at + length
    if (length <= digits.length + 2 || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined
    const record = nameOf(bytes.subarray(space + 1, end - 1))
    const equals = record.indexOf("=")
    if (equals < 1) return undefined
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)]
    if (key === "path") found = { ...found, name: value }
    else if (key === "size") {
      const size = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN
      if (!Number.isSafeInteger(size)) return undefined
      found = { ...found, size }
    } else if (key.startsWith("GNU.sparse.")) found = { ...found, sparse: true }
    at = end
  }
  return found
}
