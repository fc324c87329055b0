import { foreignFormat } from "./foreign-format.ts"
import { headerFault } from "./header-text.ts"
import { SafetensorsError } from "./safetensors-error.ts"
import { elementCount, type FileDtype, itemBytes } from "./stored-tensor.ts"

/** A tensor's place in a file: its dtype, shape, and the range [start, end) of its bytes after the header. */
export interface TensorEntry {
  readonly dtype: FileDtype
  readonly shape: ReadonlyArray<number>
  readonly start: number
  readonly end: number
}

/** Content of a header: the tensors in the order of their bytes, and metadata texts. */
export interface Header {
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly metadata: ReadonlyMap<string, string>
}

/** Maximum length of a header in bytes, as in the reference implementation. */
export const longestHeader = 100_000_000

/** Maximum number of tensors, and of metadata texts, that are read or written. */
export const mostEntries = 100_000

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isCounts = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)

/** Parses the entry of one tensor; returns it, or the rule that it breaks. */
const parseEntry = (value: unknown): TensorEntry | string => {
  if (!isRecord(value)) return "is not an object"
  const unknown = Object.keys(value).find((key) => key !== "dtype" && key !== "shape" && key !== "data_offsets")
  if (unknown !== undefined) return `has the unknown property ${JSON.stringify(unknown)}`
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== "string" || !Object.hasOwn(itemBytes, dtype))
    return `has the unknown dtype ${JSON.stringify(dtype)} (known: ${Object.keys(itemBytes).join(", ")})`
  if (!isCounts(shape)) return "has a shape that is not a list of sizes"
  if (!isCounts(offsets) || offsets.length !== 2) return "has data_offsets that are not two offsets"
  const count = elementCount(shape)
  const bytes = count === undefined ? undefined : count * itemBytes[dtype as FileDtype]
  if (bytes === undefined || !Number.isSafeInteger(bytes)) return "has a shape whose product is too large"
  const [start, end] = offsets as [number, number]
  if (end - start !== bytes) return `has ${dtype}[${shape.join()}], ${bytes} bytes, at offsets ${start} to ${end}`
  return { dtype: dtype as FileDtype, shape, start, end }
}

const parseMetadata = (value: unknown): Map<string, string> | string => {
  if (!isRecord(value)) return "__metadata__ is not an object"
  const entries = Object.entries(value)
  const wrong = entries.find(([, text]) => typeof text !== "string")
  return wrong === undefined
    ? new Map(entries as Array<[string, string]>)
    : `__metadata__ ${JSON.stringify(wrong[0])} is not a text`
}

/**
 * Parses a header: its JSON and every entry; the tensors' bytes must follow each other without gap or overlap and cover exactly
 * the `dataBytes` after the header. Throws a `SafetensorsError` with `file` and the first rule broken.
 * The rules are the reference implementation's (huggingface/safetensors), and stricter in refusing unknown properties.
 */
export const parseHeader = (bytes: Uint8Array, dataBytes: number, file: string): Header => {
  const refuse = (reason: string): SafetensorsError => new SafetensorsError({ file, reason })
  if (bytes[0] !== "{".charCodeAt(0)) throw refuse("the header does not start with {")
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse("the header is not UTF-8")
  }
  const fault = headerFault(text, mostEntries)
  if (fault !== undefined) throw refuse(fault)
  let parsed: Record<string, unknown>
  try {
    parsed = JSON.parse(text)
  } catch {
    throw refuse("the header is not JSON")
  }
  const tensors: Array<[string, TensorEntry]> = []
  let metadata = new Map<string, string>()
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "__metadata__") {
      const read = parseMetadata(value)
      if (typeof read === "string") throw refuse(read)
      metadata = read
      continue
    }
    const entry = parseEntry(value)
    if (typeof entry === "string") throw refuse(`tensor ${JSON.stringify(name)} ${entry}`)
    tensors.push([name, entry])
  }
  tensors.sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  let covered = 0
  for (const [name, { start, end }] of tensors) {
    if (start !== covered) throw refuse(`tensor ${JSON.stringify(name)} starts at byte ${start}, not at ${covered}`)
    covered = end
  }
  const found = `the tensors cover ${covered} bytes, but ${dataBytes} follow the header`
  if (covered > dataBytes) throw refuse(`${found}: it was cut short (download or copy it again)`)
  if (covered < dataBytes) throw refuse(found)
  return { tensors: new Map(tensors), metadata }
}

/**
 * Returns the length in bytes of the header of a file of `fileBytes`, from the beginning of the file: eight bytes and, to
 * recognise other formats, what follows. Throws a `SafetensorsError`.
 */
export const headerLength = (start: Uint8Array, fileBytes: number, file: string): number => {
  const refuse = (reason: string): SafetensorsError => new SafetensorsError({ file, reason })
  const opening = start[8] === "{".charCodeAt(0)
  const length = start.length < 8 ? undefined : new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  const fits = length !== undefined && length <= BigInt(longestHeader) && Number(length) <= fileBytes - 8
  if (fits && (opening || start.length <= 8)) return Number(length)
  const foreign = foreignFormat(start)
  if (foreign !== undefined) throw refuse(foreign)
  if (length === undefined) throw refuse(`${fileBytes} bytes are too few for a header: it is empty or was cut short`)
  if (fits) return Number(length)
  if (length > BigInt(longestHeader))
    throw refuse(`the header of ${length} bytes is longer than ${longestHeader}: it is no safetensors file`)
  throw refuse(
    `the header of ${length} bytes ends after the file's ${fileBytes}: ${opening ? "it was cut short (download or copy it again)" : "it is no safetensors file"}`
  )
}
