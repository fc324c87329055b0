import { mkdirSync } from "node:fs"
import { SHARE_ENV } from "node:worker_threads"
import { Effect } from "effect"
import type { PrepareOptions } from "../../compiler/prepare-with.ts"
import type { BufferSpec, Program } from "../../compiler/program.ts"
import type { Compute } from "../../compiler/tensorflow/lowering.ts"
import { prepareForTensorflow } from "../../compiler/tensorflow/passes.ts"
import { sessionModel } from "../../compiler/tensorflow/saved-model.ts"
import { refuseUnsupported } from "../../compiler/tensorflow/table.ts"
import { verify } from "../../compiler/verify.ts"
import { besideModule } from "../../thread/beside-module.ts"
import { type Engine, EngineError, type EngineSession, type NamedNumbers } from "../engine.ts"
import { feedsFault } from "../state.ts"
import { type AskOf, openWorkerOf } from "../worker-client.ts"
import { settingsFault } from "./environment.ts"
import { chosenInstallation, type Device, type Installation } from "./installation.ts"
import type { Answers, Request } from "./protocol.ts"
import { settingsOf, type TensorflowSettings } from "./settings.ts"
import { gpuModels, machineKind, xlaCacheFolder } from "./xla-cache.ts"

const name = "tensorflow"

type Buffers = { readonly [name: string]: BufferSpec }
type Ask = AskOf<Request, Answers>

const failure = (doing: string, error: unknown): EngineError =>
  new EngineError({
    engine: name,
    doing,
    reason: (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")
  })

const owned = (request: Request): { readonly request: Request; readonly moved: readonly ArrayBuffer[] } => {
  if (request.kind !== "write") return { request, moved: [] }
  const numbers = request.numbers.slice()
  return { request: { ...request, numbers }, moved: [numbers.buffer] }
}

interface SessionOptions extends PrepareOptions {
  readonly buffers: Buffers
  readonly device: Device
  readonly compute: Compute
}

/**
 * Opens a session, whose programs are one SavedModel, since variables are shared within a model only. The model is built when a
 * program is first run, from all programs compiled by then, and rebuilt after more have been compiled; the state is moved.
 */
const session = (ask: Ask, options: SessionOptions): EngineSession => {
  const programs = new Map<string, Program>()
  let current = false
  return {
    compile: Effect.fn("tensorflow.compile")(function* (title: string, traced: Program) {
      const doing = `compiling ${title}`
      const started = performance.now()
      const program = yield* Effect.try({
        try: () => {
          const prepared = prepareForTensorflow(verify(traced, "trace", options.buffers), options)
          refuseUnsupported(prepared)
          return prepared
        },
        catch: (error) => failure(doing, error)
      })
      programs.set(title, program)
      current = false
      const fed = program.inputs.filter(({ source }) => "feed" in source)
      const run = Effect.fnUntraced(function* (feeds: NamedNumbers) {
        const fault = feedsFault(traced, feeds)
        if (fault !== undefined) return yield* failure(`running ${title}`, fault)
        const needed = Object.fromEntries(fed.map(({ name }) => [name, feeds[name]!]))
        const model = current
          ? undefined
          : yield* Effect.try({
              try: () => sessionModel(programs, options),
              catch: (error) => failure(`running ${title}`, error)
            })
        current = true
        return yield* ask({ kind: "run", title, feeds: needed, model }, `running ${title}`)
      })
      return { run, compileSeconds: (performance.now() - started) / 1000 }
    }),
    read: (buffer) => ask({ kind: "read", buffer }, `reading ${buffer}`),
    write: (buffer, offset, numbers) => Effect.asVoid(ask({ kind: "write", buffer, offset, numbers }, `writing ${buffer}`)),
    usage: ask({ kind: "usage" }, "measuring")
  }
}

const engineOn = (installation: Installation, { compute = "float32", cache }: TensorflowSettings): Engine => {
  const { device, tensorflow, addon, cuda } = installation
  const kind = machineKind(tensorflow, device)
  const folder = cache ?? xlaCacheFolder(kind)
  const models = device === "gpu" ? gpuModels() : []
  const on = `${device}${models.length > 0 ? ` (${models.join(", ")})` : ""}`
  return {
    name,
    version: `tensorflow ${tensorflow} ${on}${compute === "float32" ? "" : ` ${compute}`}`,
    compiled: { folder, kind },
    open: Effect.fnUntraced(function* (buffers, { threads, recompute = false }) {
      const fault = settingsFault({ device, threads, cache: folder, ...(cuda ? { cuda } : {}) })
      if (fault !== undefined) return yield* failure("opening", fault)
      yield* Effect.try({ try: () => mkdirSync(folder, { recursive: true }), catch: (error) => failure("opening", error) })
      const ask = yield* openWorkerOf<Request, Answers>(
        {
          engine: name,
          file: besideModule("worker", import.meta.url),
          // TensorFlow reads the process environment itself: a copy of it for the worker would have no effect.
          options: { workerData: { addon, device, buffers }, env: SHARE_ENV },
          owned
        },
        { kind: "close" }
      )
      yield* ask({ kind: "start" }, "loading TensorFlow")
      return session(ask, { buffers, recompute, device, compute })
    })
  }
}

/**
 * Runs programs with TensorFlow, each compiled as a whole by XLA. Throws, in one line with the setup command, where TensorFlow is
 * not installed.
 */
export const tensorflow = (settings: TensorflowSettings = {}): Engine => engineOn(chosenInstallation(settings.device), settings)

/** Returns the engine with settings from environment variables (`settingsOf`). */
export const tensorflowOf = (env: { readonly [name: string]: string | undefined }): Engine => tensorflow(settingsOf(env))
