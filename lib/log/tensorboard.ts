import { join } from "node:path"
import { Effect, FileSystem, type Scope, Semaphore } from "effect"
import { makeFolder } from "../store/make-folder.ts"
import { StoreError, storeError } from "../store/store-error.ts"
import { type Moment, scalarEvent, startEvent, textEvent, versionEvent } from "./event.ts"
import { tfRecord } from "./tf-record.ts"

/** Writer of a run's events; every write is in the file when it returns. */
export interface EventWriter {
  readonly path: string
  /** Writes numbers by tag, one point of a curve each. NaN and ±∞ are kept: TensorBoard marks them. */
  readonly scalars: (moment: Moment, values: Readonly<Record<string, number>>) => Effect.Effect<void, StoreError>
  /** Writes a text, as Markdown, under a tag. */
  readonly text: (moment: Moment, tag: string, text: string) => Effect.Effect<void, StoreError>
}

/** Location of an events file: its name consists of a time, in seconds since 1970, and a label that need not be a host's name. */
export interface EventFile {
  readonly folder: string
  readonly seconds: number
  readonly host: string
  /** First step that will be written. Entries of earlier files from this step on are discarded: a killed run wrote them. */
  readonly from: number
}

const prefix = "events.out.tfevents."

/** Returns the time in a file's name, by which TensorBoard orders files: names of ten digits sort like their numbers. */
const timeIn = (name: string): number => (name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) || 0 : 0)

/**
 * Begins a new file `events.out.tfevents.<seconds>.<host>` in a folder, which is created if it is missing and must have no other
 * writer; closed with the scope.
 *
 * A resumed run begins another file in the same folder. TensorBoard reads files in the order of their names, so the time in the
 * name is later than in those that exist, whatever the clock says.
 */
export const openEvents: (file: EventFile) => Effect.Effect<EventWriter, StoreError, FileSystem.FileSystem | Scope.Scope> =
  Effect.fn("report.openEvents")(function* ({ folder, seconds, host, from }: EventFile) {
    const fs = yield* FileSystem.FileSystem
    yield* makeFolder(folder).pipe(Effect.mapError(storeError(folder)))
    const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
    const time = Math.max(Math.floor(seconds), ...names.map((name) => timeIn(name) + 1))
    const path = join(folder, `${prefix}${String(time).padStart(10, "0")}.${host.replace(/[^\w-]+/g, "_")}`)
    const file = yield* fs.open(path, { flag: "wx" }).pipe(Effect.mapError(storeError(path)))
    const turn = Semaphore.makeUnsafe(1)
    const write = (event: Uint8Array) =>
      turn.withPermit(Effect.uninterruptible(file.writeAll(tfRecord(event)))).pipe(Effect.mapError(storeError(path)))
    const checked = ({ step }: Moment, event: () => Uint8Array) =>
      Effect.suspend(() =>
        Number.isSafeInteger(step) && step >= 0
          ? write(event())
          : Effect.fail(new StoreError({ path, reason: `the step ${step} is not a whole number ≥ 0` }))
      )
    yield* write(versionEvent(seconds))
    yield* checked({ wallTime: seconds, step: from }, () => startEvent({ wallTime: seconds, step: from }))
    return {
      path,
      scalars: (moment, values) => checked(moment, () => scalarEvent(moment, values)),
      text: (moment, tag, text) => checked(moment, () => textEvent(moment, tag, text))
    }
  })
