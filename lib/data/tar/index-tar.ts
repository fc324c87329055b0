import { Effect } from "effect"
import { type SkippedMember, scanTar, type TarPlace } from "./scan-tar.ts"
import { TarError } from "./tar-error.ts"
import { type TarLimits, tarLimits } from "./tar-limits.ts"

/** Reads up to `length` bytes from `offset`; fewer only at the end of the tar. */
export type ReadBytes<E, R = never> = (offset: number, length: number) => Effect.Effect<Uint8Array, E, R>

export interface IndexTarOptions {
  /** Name of the tar in errors. */
  readonly file?: string
  /** Size of the tar in bytes, where known: content beyond it is an error. */
  readonly size?: number
  readonly limits?: TarLimits
  /** Bytes read at a time: small members share a read, large ones are skipped. */
  readonly window?: number
}

/** Content of a tar: its regular files by position, and the members left out. */
export interface TarIndex {
  readonly places: readonly TarPlace[]
  readonly skipped: readonly SkippedMember[]
}

/** Locates the content of each regular file of a tar, from its headers alone; rules and errors are those of `readTar`. */
export const indexTar = Effect.fnUntraced(function* <E, R>(read: ReadBytes<E, R>, options: IndexTarOptions = {}) {
  const { file = "tar", size = Number.POSITIVE_INFINITY, limits = tarLimits, window = 64 * 2 ** 10 } = options
  const places: TarPlace[] = []
  const skipped: SkippedMember[] = []
  let held: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() }
  const bytesAt = Effect.fnUntraced(function* (from: number, length: number) {
    const start = from - held.from
    if (start >= 0 && start + length <= held.bytes.length) return held.bytes.subarray(start, start + length)
    const wanted = Math.min(Math.max(length, window), Math.max(0, size - from))
    held = { from, bytes: wanted === 0 ? new Uint8Array() : yield* read(from, wanted) }
    return held.bytes.subarray(0, length)
  })
  const scan = scanTar(limits)
  let at = 0
  let answer: Uint8Array = new Uint8Array()
  while (true) {
    const { value, done } = scan.next(answer)
    if (done || value === undefined) return { places, skipped } satisfies TarIndex
    if ("problem" in value) return yield* new TarError({ file, offset: value.offset, problem: value.problem })
    if ("skipped" in value) skipped.push(value.skipped)
    else if ("found" in value) {
      const { name, offset, size: length } = value.found
      at += length
      if (at > size) return yield* new TarError({ file, offset, problem: `truncated within '${name.slice(0, 200)}'` })
      places.push(value.found)
    } else if (value.want === "read") {
      answer = yield* bytesAt(at, value.length)
      at += answer.length
    } else {
      at += value.length
      if (at - size >= 512)
        return yield* new TarError({ file, offset: size, problem: `${at - size} bytes are missing at the end` })
    }
  }
})
