import { type Extended, parsePax } from "./pax.ts"
import { blockBytes, isZeroBlock, nameOf, paddingOf, parseHeader, type TarHeader } from "./tar-header.ts"
import type { TarLimits } from "./tar-limits.ts"

/** A regular file of a tar: its name, and the position of its content. */
export interface TarPlace {
  readonly name: string
  readonly size: number
  /** Offset of the content in the tar, in bytes. */
  readonly offset: number
}

/** A member that is left out, and the reason. */
export interface SkippedMember {
  readonly name: string
  readonly reason: string
}

/** A request of the scan to its driver, which answers a `read` with bytes, fewer at the end of the tar. */
export type ScanStep =
  | { readonly want: "read"; readonly length: number }
  | { readonly want: "skip"; readonly length: number }
  | { readonly found: TarPlace }
  | { readonly skipped: SkippedMember }
  | { readonly problem: string; readonly offset: number }

/** Types of members that have no content, even if the header states a size: links, devices, folders, pipes. */
const bodiless: Readonly<Record<string, string>> = {
  "1": "link",
  "2": "link",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "pipe"
}

/** Returns the reason why a name cannot identify a member. */
const nameFault = (name: string, { name: most }: TarLimits): string | undefined => {
  if (name === "") return "no-name"
  if (Buffer.byteLength(name) > most) return `long-name(${Buffer.byteLength(name)} bytes)`
  return name.includes("\0") ? "unreadable-name" : undefined
}

const faultOf = ({ name, type, size }: TarHeader, { sparse }: Extended, limits: TarLimits): string | undefined => {
  if (sparse || type === "S") return "sparse"
  if (type !== "0") return `unknown-type(${JSON.stringify(type)})`
  const fault = nameFault(name, limits)
  return fault ?? (size > limits.content ? `too-large(${size} bytes)` : undefined)
}

const shown = (name: string): string => name.slice(0, 200)

/**
 * Scans a tar (ustar, pax, GNU names), holding no more than a header in memory: after a `found` the driver itself reads or skips
 * the content; everything else is requested by `want`.
 * Only regular files are found; links, folders, devices, sparse files, and names longer than the limit are skipped with a reason.
 * Names are returned unchanged, including absolute ones and those with `..`: a caller that writes files by them has to check. The
 * scan ends at a block of zeros or where the bytes end before a header; anything after that is ignored. A wrong checksum, or
 * bytes that end within a member, is a problem, which ends the scan.
 */
export function* scanTar(limits: TarLimits): Generator<ScanStep, void, Uint8Array> {
  let at = 0
  let extended: Extended = {}
  while (true) {
    const block = yield { want: "read", length: blockBytes }
    if (block.length === 0 || (block.length === blockBytes && isZeroBlock(block))) return
    if (block.length < blockBytes) return yield* fail(at, "truncated within a header")
    const header = parseHeader(block)
    if ("problem" in header) return yield* fail(at, header.problem)
    const headerAt = at
    at += blockBytes
    if (header.type === "x" || header.type === "L" || header.type === "K" || header.type === "g") {
      if (header.size > limits.extended) return yield* fail(headerAt, `an extended header of ${header.size} bytes`)
      const body = yield { want: "read", length: header.size }
      if (body.length < header.size) return yield* fail(headerAt, "truncated within an extended header")
      yield { want: "skip", length: paddingOf(header.size) }
      at += header.size + paddingOf(header.size)
      if (header.type === "L") extended = { ...extended, name: nameOf(body).replace(/\0+$/, "") }
      if (header.type === "x") {
        const records = parsePax(body)
        if (records === undefined) return yield* fail(headerAt, "an extended header that is none")
        extended = { ...extended, ...records }
      }
      continue
    }
    const member = { ...header, name: extended.name ?? header.name, size: extended.size ?? header.size }
    const fault = bodiless[header.type] ?? faultOf(member, extended, limits)
    extended = {}
    if (header.type in bodiless) {
      yield { skipped: { name: shown(member.name), reason: fault! } }
      continue
    }
    if (fault === undefined) yield { found: { name: member.name, size: member.size, offset: at } }
    else {
      yield { skipped: { name: shown(member.name), reason: fault } }
      yield { want: "skip", length: member.size }
    }
    yield { want: "skip", length: paddingOf(member.size) }
    at += member.size + paddingOf(member.size)
  }
}

function* fail(offset: number, problem: string): Generator<ScanStep, void, Uint8Array> {
  yield { problem, offset }
}
