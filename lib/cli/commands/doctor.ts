import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import { dirname, resolve } from "node:path"
import { Console, Effect, FileSystem } from "effect"
import { Command } from "effect/cli"
import { nvidiaDriver } from "../../engine/tensorflow/gpu.ts"
import { installationOf, setUpCommand } from "../../engine/tensorflow/installation.ts"
import { oneLine } from "../../error/one-line.ts"
import { table } from "../../log/table.ts"
import { engineOf } from "../engine-of.ts"
import { cacheFlag, jsonFlag } from "../flags.ts"
import type { CliTables } from "../tables.ts"

/** Result of one check: `ok` is false where a requirement is missing. */
interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly found: string
}

const nodeVersion = (): Finding => {
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number]
  const ok = major >= 24 || (major === 22 && minor >= 19)
  return {
    what: "node",
    ok,
    found: `${process.version} on ${process.platform} ${process.arch}${ok ? "" : "; 22.19 or later of 22, or 24 or later is needed"}`
  }
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`

const machine = (): readonly Finding[] => [
  { what: "processors", ok: true, found: `${availableParallelism()} threads, ${cpus()[0]?.model.trim() ?? "unknown"}` },
  { what: "memory", ok: true, found: `${gibibytes(totalmem())}, ${gibibytes(freemem())} free` }
]

const images = Effect.map(
  Effect.exit(Effect.tryPromise(() => import("sharp"))),
  (loaded): Finding =>
    loaded._tag === "Success"
      ? {
          what: "sharp",
          ok: true,
          found: `${loaded.value.default.versions.sharp ?? "there"}, libvips ${loaded.value.default.versions.vips}`
        }
      : { what: "sharp", ok: false, found: "cannot be loaded: no image can be read" }
)

/** An engine that is not installed is reported without failure, as long as one is installed. */
const engines = (tables: CliTables) =>
  Effect.forEach(Object.keys(tables.engines), (name) =>
    Effect.map(
      Effect.result(engineOf(name, tables)),
      (loaded): Finding =>
        loaded._tag === "Success"
          ? { what: `engine ${name}`, ok: true, found: loaded.success.version }
          : { what: `engine ${name}`, ok: false, found: oneLine(loaded.failure) }
    )
  )

/** Returns the folder itself where it exists, else its nearest existing ancestor. */
const nearest = (folder: string): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    if (yield* Effect.orElseSucceed(files.exists(folder), () => false)) return folder
    const above = dirname(folder)
    return above === folder ? folder : yield* nearest(above)
  })

/** Checks whether the cache can be written, without creating it. */
const cacheFolder = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const there = yield* nearest(resolve(folder))
  const tried = yield* Effect.result(files.access(there, { writable: true }))
  const made = there === resolve(folder) ? "" : ", not made yet"
  const found = tried._tag === "Success" ? `${folder}${made}` : `${folder} cannot be written: ${oneLine(tried.failure)}`
  return { what: "cache", ok: tried._tag === "Success", found } satisfies Finding
})

/** Reports a GPU where there is one, or where TensorFlow was set up for one. */
const gpu = (): readonly Finding[] => {
  const driver = nvidiaDriver()
  const installed = installationOf("gpu") !== undefined
  if (driver === undefined && !installed) return []
  const advice = installed ? "" : `; ${setUpCommand("gpu")} makes the tensorflow engine use it`
  return [
    {
      what: "GPU",
      ok: driver !== undefined && installed,
      found: driver === undefined ? "no NVIDIA driver, though TensorFlow is set up for GPUs" : `NVIDIA driver ${driver}${advice}`
    }
  ]
}

/** `semmim doctor`: checks this machine against the requirements. */
export const doctor = (tables: CliTables) =>
  Command.make(
    "doctor",
    { cache: cacheFlag, json: jsonFlag },
    Effect.fn("cli.doctor")(function* ({ cache, json }) {
      const findings: readonly Finding[] = [
        nodeVersion(),
        ...machine(),
        yield* images,
        ...(yield* engines(tables)),
        ...gpu(),
        yield* cacheFolder(cache)
      ]
      const rows = findings.map(({ what, ok, found }) => [ok ? "✓" : "✗", what, found])
      yield* Console.log(json ? JSON.stringify(findings) : table(["", "what", "found"], rows))
    })
  ).pipe(Command.withDescription("Says what this machine has: node, engines, image library, memory, cache folder"))
