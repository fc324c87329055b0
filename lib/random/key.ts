import { hash } from "node:crypto"

/**
 * Key of one random draw: 128 bits, as 32 lower-case hexadecimal digits.
 * A key is used for one draw: two draws with one key read the same words. Being a string, a key is immutable, compared with
 * `===`, and passes through JSON and messages unchanged.
 */
export type Key = string & { readonly Key: unique symbol }

/** A key's four words of 32 bits, most significant digits first. */
export type KeyWords = readonly [number, number, number, number]

const pattern = /^[0-9a-f]{32}$/

/** True where a text is a key. */
export const isKey = (text: string): text is Key => pattern.test(text)

/** Parses a key; throws a `RangeError` if the text is not 32 lower-case hexadecimal digits. */
export const parseKey = (text: string): Key => {
  if (!isKey(text)) throw new RangeError(`key: expected 32 hexadecimal digits, got '${text.slice(0, 40)}'`)
  return text
}

/** Words of a key, for Philox: two are its key, two the upper half of its counter. */
export const keyWords = (key: Key): KeyWords => [
  Number.parseInt(key.slice(0, 8), 16),
  Number.parseInt(key.slice(8, 16), 16),
  Number.parseInt(key.slice(16, 24), 16),
  Number.parseInt(key.slice(24, 32), 16)
]

/**
 * Encodes tag, length and content, so that distinct lists of parts give distinct bytes. Strings are UTF-16: UTF-8 merges lone
 * surrogates.
 */
const encodePart = (part: string | number): Buffer => {
  const bytes = Buffer.alloc(typeof part === "string" ? 5 + 2 * part.length : 9)
  if (typeof part === "string") {
    bytes.write("s", "latin1")
    bytes.writeUInt32LE(part.length, 1)
    bytes.write(part, 5, "utf16le")
    return bytes
  }
  if (!Number.isFinite(part)) throw new RangeError(`key: a part must be a string or a finite number, got ${part}`)
  bytes.write("n", "latin1")
  bytes.writeDoubleLE(part === 0 ? 0 : part, 1)
  return bytes
}

const digest = (origin: string, parts: ReadonlyArray<string | number>): Key =>
  hash("sha256", Buffer.concat([Buffer.from(origin, "latin1"), ...parts.map(encodePart)])).slice(0, 32) as Key

/** Key of a seed, any safe integer; throws a `RangeError` for another number. */
export const key = (seed: number): Key => {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed: expected a whole number within ±(2^53 − 1), got ${seed}`)
  return digest("semmim seed", [seed])
}

/**
 * Derives a key from a key and a list of parts: the first 128 bits of their SHA-256.
 * Strings and numbers are distinct parts (1 is not "1"), and so are lists split otherwise (["ab", "c"] and ["a", "bc"]). 0 and −0
 * are one number. Throws a `RangeError` for a number that is not finite.
 */
export const derive = (from: Key, ...parts: ReadonlyArray<string | number>): Key => digest(from, parts)

/** Location of a random draw in a run. */
export interface DrawSite {
  readonly epoch: number
  readonly sample: string
  readonly stage: string
  readonly purpose: string
}

/** Conventional key of a draw: (seed, epoch, sample id, stage, purpose), the seed being the run's key. */
export const drawKey = (run: Key, site: DrawSite): Key => derive(run, site.epoch, site.sample, site.stage, site.purpose)
