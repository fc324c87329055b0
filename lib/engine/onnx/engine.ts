import { createRequire } from "node:module"
import { Effect } from "effect"
import { updatesInPlace } from "../../compiler/in-place.ts"
import { lower } from "../../compiler/onnx/lower.ts"
import { type KernelFacts, overwritesState } from "../../compiler/onnx/overwriting.ts"
import { prepareForOnnx } from "../../compiler/onnx/passes.ts"
import type { PrepareOptions } from "../../compiler/prepare-with.ts"
import type { BufferSpec, Program } from "../../compiler/program.ts"
import { verify } from "../../compiler/verify.ts"
import { type Engine, EngineError, type EngineSession, type NamedNumbers } from "../engine.ts"
import { feedsFault } from "../state.ts"
import { type Ask, openWorker } from "./client.ts"
import type { BoundProgram } from "./protocol.ts"

const name = "onnx"

type Buffers = { readonly [name: string]: BufferSpec }

/** Options for binding a session's programs. */
interface BindOptions extends PrepareOptions {
  readonly buffers: Buffers
  readonly facts: KernelFacts
}
const failure = (doing: string, error: unknown): EngineError =>
  new EngineError({
    engine: name,
    doing,
    reason: (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ")
  })

/** Lowers a program and binds the model's inputs and outputs to the session's state. Throws `InvalidProgram`, `UnsupportedOp`. */
const bind = (title: string, traced: Program, options: BindOptions): BoundProgram => {
  const program = prepareForOnnx(verify(traced, "trace", options.buffers), options)
  const inPlace = updatesInPlace(program, overwritesState(options.facts))
  const lowered = lower(program, options.facts)
  return {
    title,
    model: lowered.model,
    scratch: lowered.scratch,
    inputs: program.inputs.map((input, i) => ({
      ...program.values[input.value]!,
      name: input.name,
      source: input.source,
      modelName: lowered.inputs[i]!
    })),
    outputs: program.outputs.map((output) => ({
      name: output.name,
      type: program.values[output.value]!,
      modelName: lowered.outputs.get(output.value)!
    })),
    updates: program.updates.map((update, i) => {
      const modelName = lowered.outputs.get(update.value)!
      const type = program.values[update.value]!
      if (update.kind === "enqueue") return { kind: update.kind, buffer: update.buffer, type, modelName }
      const { kind, buffer, offset } = update
      return { kind, buffer, offset, modelName, type, inPlace: inPlace.has(i) }
    })
  }
}

const session = (ask: Ask, options: BindOptions): EngineSession => ({
  compile: Effect.fn("onnx.compile")(function* (title: string, program: Program) {
    const doing = `compiling ${title}`
    const started = performance.now()
    const bound = yield* Effect.try({ try: () => bind(title, program, options), catch: (error) => failure(doing, error) })
    yield* ask({ kind: "compile", program: bound }, doing)
    const fed = new Set(bound.inputs.filter(({ source }) => "feed" in source).map((input) => input.name))
    const run = Effect.fnUntraced(function* (feeds: NamedNumbers) {
      const fault = feedsFault(program, feeds)
      if (fault !== undefined) return yield* failure(`running ${title}`, fault)
      const needed = Object.fromEntries(Object.entries(feeds).filter(([input]) => fed.has(input)))
      return yield* ask({ kind: "run", title, feeds: needed }, `running ${title}`)
    })
    return { run, compileSeconds: (performance.now() - started) / 1000 }
  }),
  read: (buffer) =>
    Effect.map(ask({ kind: "read", buffer }, `reading ${buffer}`), (numbers) => numbers as Float32Array | Int32Array),
  write: (buffer, offset, numbers) => Effect.asVoid(ask({ kind: "write", buffer, offset, numbers }, `writing ${buffer}`)),
  usage: ask({ kind: "usage" }, "measuring")
})

const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { readonly version: string }

/**
 * Returns the engine that runs programs with ONNX Runtime on CPUs, in a worker thread that holds the state; `probe` determines
 * which kernel behaviour can be relied on there.
 */
export const onnxWith = (probe: (ask: Ask, threads: number) => Effect.Effect<KernelFacts, EngineError>): Engine => ({
  name,
  version: `onnxruntime-node ${version}`,
  open: Effect.fn("onnx.open")(function* (buffers, { threads, recompute = false }) {
    const ask = yield* openWorker({ buffers, threads })
    return session(ask, { buffers, recompute, facts: yield* probe(ask, threads) })
  })
})

/** Facts by number of threads: a process has one processor and one version of ONNX Runtime. */
const known = new Map<number, KernelFacts>()

/** The ONNX Runtime engine, with kernel facts probed on this machine. */
export const onnx: Engine = onnxWith(
  Effect.fn("onnx.probe")(function* (ask, threads) {
    const facts = known.get(threads) ?? (yield* ask({ kind: "probe" }, "probing kernels"))
    known.set(threads, facts)
    return facts
  })
)
