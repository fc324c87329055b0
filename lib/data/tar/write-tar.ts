import { blockBytes, paddingOf, ustarHeader } from "./tar-header.ts"

/** A file to write to a tar. */
export interface TarFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** `LENGTH KEY=VALUE\n`, the length counting itself. */
const paxRecord = (key: string, value: string): Uint8Array => {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`)
  let digits = 1
  while (String(rest.length + digits).length > digits) digits++
  return Buffer.concat([Buffer.from(String(rest.length + digits)), rest])
}

const padded = (bytes: Uint8Array): readonly Uint8Array[] => {
  const padding = paddingOf(bytes.length)
  return padding === 0 ? [bytes] : [bytes, new Uint8Array(padding)]
}

/** Shortens a name to fit any header, for readers without pax. */
const shortened = (name: string): string =>
  Buffer.from(name)
    .subarray(-100)
    .toString("latin1")
    .replace(/[^ -~]|\//g, "_")

/** Returns the headers before a member's content: a ustar header, after a pax one where the name is too long for it. */
export const memberHeader = (name: string, size: number): readonly Uint8Array[] => {
  const plain = ustarHeader(name, size)
  if (plain !== undefined) return [plain]
  const record = paxRecord("path", name)
  return [ustarHeader("PaxHeader", record.length, "x")!, ...padded(record), ustarHeader(shortened(name), size)!]
}

/**
 * Returns one member as its pieces of bytes: header, content, padding. Throws a `RangeError` for a name or size that a tar cannot
 * represent.
 */
export const tarMember = ({ name, bytes }: TarFile): readonly Uint8Array[] => [
  ...memberHeader(name, bytes.length),
  ...padded(bytes)
]

/** Returns the end of a tar: two blocks of zeros. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * blockBytes)

/** Writes a whole tar, in pieces: a pure function of names and contents (mode 0644, owner and time 0). */
export function* tarPieces(files: Iterable<TarFile>): Generator<Uint8Array> {
  for (const file of files) yield* tarMember(file)
  yield tarEnd()
}

/** Writes a whole tar in memory: see `tarPieces`. */
export const writeTar = (files: Iterable<TarFile>): Uint8Array => new Uint8Array(Buffer.concat([...tarPieces(files)]))
