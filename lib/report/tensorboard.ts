import { join } from "node:path"
import { Effect, FileSystem, type Scope, Semaphore } from "effect"
import { makeFolder } from "../store/make-folder.ts"
import { StoreError, storeError } from "../store/store-error.ts"
import { type Moment, scalarEvent, textEvent, versionEvent } from "./event.ts"
import { tfRecord } from "./tf-record.ts"

/** What the events of a run are written to; every write is in the file when it returns. */
export interface EventWriter {
  readonly path: string
  /** Numbers by tag, one point of a curve each. NaN and ±∞ are kept: TensorBoard marks them. */
  readonly scalars: (moment: Moment, values: Readonly<Record<string, number>>) => Effect.Effect<void, StoreError>
  /** A text, as Markdown, under a tag. */
  readonly text: (moment: Moment, tag: string, text: string) => Effect.Effect<void, StoreError>
}

/** Where events go: the file's name is made of its time, in seconds since 1970, and a label that need not be a host's name. */
export interface EventFile {
  readonly folder: string
  readonly seconds: number
  readonly host: string
}

const mostFilesPerSecond = 1000

/**
 * Begins a new file `events.out.tfevents.<seconds>.<host>` in a folder, which is made if it is missing; closed with the scope.
 *
 * A resumed run begins another file in the same folder: TensorBoard reads them in the order of their names. A name that is taken
 * gets `.1`, `.2`, … appended.
 */
export const openEvents: (file: EventFile) => Effect.Effect<EventWriter, StoreError, FileSystem.FileSystem | Scope.Scope> =
  Effect.fn("report.openEvents")(function* ({ folder, seconds, host }: EventFile) {
    const fs = yield* FileSystem.FileSystem
    yield* makeFolder(folder).pipe(Effect.mapError(storeError(folder)))
    const name = join(folder, `events.out.tfevents.${Math.floor(seconds)}.${host.replace(/[^\w-]+/g, "_")}`)
    const open: (count: number) => Effect.Effect<readonly [string, FileSystem.File], StoreError, Scope.Scope> = (count) => {
      const path = count === 0 ? name : `${name}.${count}`
      return fs.open(path, { flag: "wx" }).pipe(
        Effect.map((file) => [path, file] as const),
        Effect.catch((error) =>
          error.reason._tag === "AlreadyExists" && count < mostFilesPerSecond
            ? open(count + 1)
            : Effect.fail(storeError(path)(error))
        )
      )
    }
    const [path, file] = yield* open(0)
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
    return {
      path,
      scalars: (moment, values) => checked(moment, () => scalarEvent(moment, values)),
      text: (moment, tag, text) => checked(moment, () => textEvent(moment, tag, text))
    }
  })
