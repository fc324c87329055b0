import { DataError } from "../data-error.ts"

/** Where a sample's members lie in its shard, and what it is called; offsets and sizes are of the members' data, in bytes. */
export interface IndexRow {
  readonly id: string
  /** ≥ 0 and below 2^31. */
  readonly group: number
  /** The sample's key in the shard: its index in the source that the shard was made from. */
  readonly key: number
  readonly image: Range
  readonly text: Range
  readonly json: Range
}

/** A run of bytes of a file. */
export interface Range {
  readonly offset: number
  readonly size: number
}

/** The index of one shard: columns of numbers over the bytes of its file, and no object per sample. */
export interface ShardIndex {
  readonly count: number
  /** Bytes that the index takes in memory. */
  readonly bytes: number
  id(sample: number): string
  group(sample: number): number
  key(sample: number): number
  image(sample: number): Range
  text(sample: number): Range
  json(sample: number): Range
}

const magic = "semmimIX"
const version = 1
/** Magic, version, count, bytes of ids, and four bytes so that the columns of float64 start at a multiple of 8. */
const header = 24
const members = ["image", "text", "json"] as const

/** Per sample: key and three offsets as float64, group and three sizes as 32 bits, the end of its id. */
const rowBytes = 4 * 8 + 5 * 4

const columns = (buffer: ArrayBufferLike, start: number, count: number) => {
  let at = start + header
  const take = <T>(Kind: { new (buffer: ArrayBufferLike, offset: number, length: number): T }, width: number): T => {
    const column = new Kind(buffer, at, count)
    at += count * width
    return column
  }
  const float = () => take(Float64Array, 8)
  const whole = () => take(Uint32Array, 4)
  const [key, ...offsets] = [float(), float(), float(), float()]
  const [group, ...rest] = [whole(), whole(), whole(), whole(), whole()]
  return { key: key!, offsets, group: group!, sizes: rest.slice(0, 3), idEnds: rest[3]!, ids: at }
}

/** The bytes of `shard-NNNNNN.index`, little-endian: a function of the rows. */
export const encodeShardIndex = (rows: readonly IndexRow[]): Uint8Array<ArrayBuffer> => {
  const ids = rows.map(({ id }) => Buffer.from(id, "utf8"))
  const idBytes = ids.reduce((sum, { length }) => sum + length, 0)
  const bytes = new Uint8Array(header + rows.length * rowBytes + idBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(magic, "latin1"))
  view.setUint32(8, version, true)
  view.setUint32(12, rows.length, true)
  view.setUint32(16, idBytes, true)
  const column = columns(bytes.buffer, 0, rows.length)
  let end = 0
  rows.forEach((row, i) => {
    column.key[i] = row.key
    column.group[i] = row.group
    members.forEach((member, m) => {
      column.offsets[m]![i] = row[member].offset
      column.sizes[m]![i] = row[member].size
    })
    bytes.set(ids[i]!, column.ids + end)
    end += ids[i]!.length
    column.idEnds[i] = end
  })
  return bytes
}

/** The index that a file's bytes are, as views of them; throws a `DataError` that names `file` where they are no index. */
export const decodeShardIndex = (given: Uint8Array, file: string): ShardIndex => {
  const refuse = (problem: string) => new DataError({ file, problem: `no shard index: ${problem}` })
  if (given.length < header || Buffer.from(given.subarray(0, 8)).toString("latin1") !== magic) throw refuse("another first line")
  // Columns of float64 must start at a multiple of 8 in memory.
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice()
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  if (view.getUint32(8, true) !== version) throw refuse(`version ${view.getUint32(8, true)}, where ${version} is known`)
  const count = view.getUint32(12, true)
  const idBytes = view.getUint32(16, true)
  const expected = header + count * rowBytes + idBytes
  if (bytes.length !== expected) throw refuse(`${bytes.length} bytes, where ${count} samples take ${expected}`)
  const { key, offsets, group, sizes, idEnds, ids } = columns(bytes.buffer, bytes.byteOffset, count)
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
    json: range(2)
  }
}
