import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { localQueueServer } from "../../lib/queue/local-server.ts"

const file = fileURLToPath(import.meta.url)

/** Starts a local queue server in a process of its own until the scope closes; gives its endpoint. */
export const startQueueServer = Effect.map(
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ readonly endpoint: string; readonly stop: () => void }>((resolve, reject) => {
          const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] })
          child.stdout.once("data", (text: Buffer) => resolve({ endpoint: text.toString().trim(), stop: () => child.kill() }))
          child.once("exit", () => reject(new Error("the queue server ended")))
        })
    ),
    ({ stop }) => Effect.sync(stop)
  ),
  ({ endpoint }) => endpoint
)

// Run as a file it is the server; it ends with whoever started it.
if (process.argv[1] === file) {
  process.stdin.on("end", () => process.exit()).resume()
  const serve = Effect.gen(function* () {
    console.log(yield* localQueueServer())
    yield* Effect.never
  })
  await Effect.runPromise(Effect.scoped(serve))
}
