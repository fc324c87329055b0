import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { makeFolder } from "../store/make-folder.ts"
import { storeError } from "../store/store-error.ts"

/** A worker process that ended unexpectedly. */
export class LocalWorkerEnded extends Schema.TaggedError<LocalWorkerEnded>()("LocalWorkerEnded", {
  worker: Schema.Int,
  log: Schema.String,
  how: Schema.String
}) {
  override get message(): string {
    return `worker ${this.worker} ended by itself (${this.how}); ${this.log} says why`
  }
}

/** Inputs of local workers. */
export interface LocalWorkers {
  readonly count: number
  /** Arguments of `semmim worker`. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Folder of their logs. */
  readonly logs: string
}

/** Restarts of a killed worker before its end is an error. */
const restarts = 3
const endMillis = 15_000

const gone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Ends a process: asks it to drain, and kills it if that takes too long. */
const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (gone(child)) return resolve()
    const kill = setTimeout(() => child.kill("SIGKILL"), endMillis)
    child.once("exit", () => {
      clearTimeout(kill)
      resolve()
    })
    child.stdin?.end()
    child.kill("SIGTERM")
  })

/**
 * Starts worker processes of this command line on this machine, which end with the scope, or with this process however it ends. A
 * killed worker is restarted a few times. Returns an effect that fails when a worker ends for good.
 */
export const localWorkers = Effect.fn("cli.localWorkers")(function* ({ count, args, environment, logs }: LocalWorkers) {
  yield* makeFolder(logs).pipe(Effect.mapError(storeError(logs)))
  let stopping = false
  const children = new Map<number, ChildProcess>()
  const ended = Effect.callback<never, LocalWorkerEnded>((resume) => {
    const start = (number: number, tries: number): void => {
      const log = join(logs, `worker-${number}.log`)
      const file = openSync(log, "a")
      const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, "worker", ...args], {
        env: { ...process.env, ...environment },
        stdio: ["pipe", file, file]
      })
      closeSync(file)
      children.set(number, child)
      child.on("exit", (code, signal) => {
        if (stopping) return
        if (signal !== null && tries < restarts) return start(number, tries + 1)
        resume(Effect.fail(new LocalWorkerEnded({ worker: number, log, how: signal ?? `status ${code}` })))
      })
      child.on("error", (error) => resume(Effect.fail(new LocalWorkerEnded({ worker: number, log, how: error.message }))))
    }
    for (let number = 0; number < count; number++) start(number, 0)
  })
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      stopping = true
      await Promise.all([...children.values()].map(end))
    })
  )
  return ended
})
