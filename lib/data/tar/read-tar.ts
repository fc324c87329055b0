import { Effect, Stream } from "effect"
import { type ScanStep, type SkippedMember, scanTar, type TarPlace } from "./scan-tar.ts"
import { TarError } from "./tar-error.ts"
import { type TarLimits, tarLimits } from "./tar-limits.ts"

/** A regular file of a tar with its content. */
export interface TarEntry extends TarPlace {
  readonly bytes: Uint8Array
}

export interface ReadTarOptions {
  /** Name of the tar in errors. */
  readonly file?: string
  readonly limits?: TarLimits
  /** Called for each member that is left out, with the reason. */
  readonly onSkipped?: (member: SkippedMember) => void
}

/**
 * Parses a tar piece by piece: `push` returns the entries that a piece completes, `end` marks the end of the input. Both throw a
 * `TarError`. Holds at most one entry besides the given pieces.
 */
export const tarParser = ({ file = "tar", limits = tarLimits, onSkipped }: ReadTarOptions = {}) => {
  const scan = scanTar(limits)
  let done = false
  let entries: TarEntry[] = []
  /** The current state: reading bytes for the scan, reading an entry's content, or skipping bytes. */
  let wanted: { readonly target: Uint8Array; readonly place?: TarPlace; filled: number } | undefined
  let skip = 0

  const take = ({ value, done: ended }: IteratorResult<ScanStep, void>): void => {
    if (ended || value === undefined) done = true
    else if ("problem" in value) throw new TarError({ file, offset: value.offset, problem: value.problem })
    else if ("found" in value) wanted = { target: new Uint8Array(value.found.size), place: value.found, filled: 0 }
    else if ("skipped" in value) {
      onSkipped?.(value.skipped)
      take(scan.next())
    } else if (value.want === "read") wanted = { target: new Uint8Array(value.length), filled: 0 }
    else skip = value.length
  }
  const complete = ({ target, place, filled }: NonNullable<typeof wanted>): void => {
    wanted = undefined
    if (place) entries.push({ ...place, bytes: target })
    take(place ? scan.next() : scan.next(target.subarray(0, filled)))
  }
  const push = (chunk: Uint8Array): readonly TarEntry[] => {
    entries = []
    let at = 0
    while (!done) {
      if (skip > 0) {
        const passed = Math.min(skip, chunk.length - at)
        skip -= passed
        at += passed
        if (skip > 0) break
      }
      if (wanted === undefined) {
        take(scan.next())
        continue
      }
      const part = chunk.subarray(at, at + wanted.target.length - wanted.filled)
      wanted.target.set(part, wanted.filled)
      wanted.filled += part.length
      at += part.length
      if (wanted.filled < wanted.target.length) break
      complete(wanted)
    }
    return entries
  }
  const end = (): void => {
    if (done) return
    // Some writers omit the padding of the last member.
    if (skip >= 512) throw new TarError({ file, offset: 0, problem: `${skip} bytes are missing at the end` })
    if (wanted?.place) {
      const { name, offset } = wanted.place
      throw new TarError({ file, offset, problem: `truncated within '${name.slice(0, 200)}'` })
    }
    if (wanted) complete(wanted)
  }
  take(scan.next())
  return { push, end }
}

/**
 * Streams the regular files of a tar, in order, each with its content, from the tar's bytes in pieces of any size.
 * Input is untrusted: see `scanTar` for what is skipped and what is a `TarError`. Nothing is written to disk.
 */
export const readTar = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  options: ReadTarOptions = {}
): Stream.Stream<TarEntry, E | TarError, R> =>
  Stream.suspend(() => {
    const parser = tarParser(options)
    const attempt = <A>(make: () => A) =>
      Effect.try({
        try: make,
        catch: (cause) =>
          cause instanceof TarError
            ? cause
            : new TarError({ file: options.file ?? "tar", offset: 0, problem: String(cause).slice(0, 200) })
      })
    const end = Stream.fromEffectDrain(attempt(() => parser.end()))
    return bytes.pipe(
      Stream.mapEffect((chunk) => attempt(() => parser.push(chunk))),
      Stream.flattenIterable,
      Stream.concat(end)
    )
  })
