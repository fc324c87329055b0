import { DataError } from "../data-error.ts"

/** Positions of a sample's members in its shard, and its id; offsets and sizes are of the members' data, in bytes. */
export interface IndexRow {
  readonly id: string
  /** ≥ 0 and below 2^31. */
  readonly group: number
  /** The sample's key in the shard: its index in the source that the shard was made from. */
  readonly key: number
  readonly image: Range
  readonly text: Range
  readonly json: Range
  /** The other images, of samples with more than one. */
  readonly more?: readonly Range[]
}

/** A range of bytes of a file. */
export interface Range {
  readonly offset: number
  readonly size: number
}

/** The index of one shard: columns of numbers over the bytes of its file, and no object per sample. */
export interface ShardIndex {
  readonly count: number
  /** Number of bytes of the index in memory. */
  readonly bytes: number
  id(sample: number): string
  group(sample: number): number
  key(sample: number): number
  image(sample: number): Range
  text(sample: number): Range
  json(sample: number): Range
  /** Returns the range of image `image` after the first one. */
  more(sample: number, image: number): Range
}

const magic = "semmimIX"
/** The version of an index of samples with at most one image each, and that of one with more. */
const versions = { one: 1, more: 2 } as const
/**
 * Bytes of the header: magic, version, count, bytes of ids, and number of images after the first; columns of float64 start at a
 * multiple of 8.
 */
const header = 24
const members = ["image", "text", "json"] as const
const fixed = members.length

/**
 * Returns the bytes per sample: key and one offset per member as float64, group and one size per member as 32 bits, the end of
 * its id.
 */
const rowBytes = (more: number): number => (1 + fixed + more) * 8 + (2 + fixed + more) * 4

const columns = (buffer: ArrayBufferLike, start: number, count: number, more: number) => {
  let at = start + header
  const take = <T>(Kind: { new (buffer: ArrayBufferLike, offset: number, length: number): T }, width: number): T => {
    const column = new Kind(buffer, at, count)
    at += count * width
    return column
  }
  const float = () => take(Float64Array, 8)
  const whole = () => take(Uint32Array, 4)
  const places = Array.from({ length: fixed + more })
  const key = float()
  const offsets = places.map(float)
  const group = whole()
  const sizes = places.map(whole)
  const idEnds = whole()
  return { key, offsets, group, sizes, idEnds, ids: at }
}

/** Encodes `shard-NNNNNN.index`, little-endian: a function of the rows, each with `more` images after its first. */
export const encodeShardIndex = (rows: readonly IndexRow[], more = 0): Uint8Array<ArrayBuffer> => {
  const ids = rows.map(({ id }) => Buffer.from(id, "utf8"))
  const idBytes = ids.reduce((sum, { length }) => sum + length, 0)
  const bytes = new Uint8Array(header + rows.length * rowBytes(more) + idBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(magic, "latin1"))
  view.setUint32(8, more === 0 ? versions.one : versions.more, true)
  view.setUint32(12, rows.length, true)
  view.setUint32(16, idBytes, true)
  view.setUint32(20, more, true)
  const column = columns(bytes.buffer, 0, rows.length, more)
  let end = 0
  rows.forEach((row, i) => {
    column.key[i] = row.key
    column.group[i] = row.group
    members.forEach((member, m) => {
      column.offsets[m]![i] = row[member].offset
      column.sizes[m]![i] = row[member].size
    })
    row.more?.forEach(({ offset, size }, m) => {
      column.offsets[fixed + m]![i] = offset
      column.sizes[fixed + m]![i] = size
    })
    bytes.set(ids[i]!, column.ids + end)
    end += ids[i]!.length
    column.idEnds[i] = end
  })
  return bytes
}

/** Decodes a file's bytes as an index of views of them; throws a `DataError` that names `file` where they are not an index. */
export const decodeShardIndex = (given: Uint8Array, file: string): ShardIndex => {
  const refuse = (problem: string) => new DataError({ file, problem: `no shard index: ${problem}` })
  if (given.length < header || Buffer.from(given.subarray(0, 8)).toString("latin1") !== magic) throw refuse("another first line")
  // Columns of float64 must start at a multiple of 8 in memory.
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice()
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const version = view.getUint32(8, true)
  if (version !== versions.one && version !== versions.more)
    throw refuse(`version ${version}, where ${versions.one} and ${versions.more} are known`)
  const more = version === versions.one ? 0 : view.getUint32(20, true)
  const count = view.getUint32(12, true)
  const idBytes = view.getUint32(16, true)
  const expected = header + count * rowBytes(more) + idBytes
  if (bytes.length !== expected) throw refuse(`${bytes.length} bytes, where ${count} samples take ${expected}`)
  const { key, offsets, group, sizes, idEnds, ids } = columns(bytes.buffer, bytes.byteOffset, count, more)
  const range = (member: number) => (sample: number) => ({ offset: offsets[member]![sample]!, size: sizes[member]![sample]! })
  const text = Buffer.from(bytes.buffer, ids, idBytes)
  return {
    count,
    bytes: bytes.length,
    id: (sample) => text.toString("utf8", sample === 0 ? 0 : idEnds[sample - 1]!, idEnds[sample]!),
    group: (sample) => group[sample]!,
    key: (sample) => key[sample]!,
    image: range(0),
    text: range(1),
    json: range(2),
    more: (sample, image) => range(fixed + image)(sample)
  }
}
