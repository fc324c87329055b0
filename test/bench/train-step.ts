// One side of the benchmark: our training step, run when told so on standard input (the protocol of peers/train_step.py).
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { flops } from "../../lib/compiler/flops.ts"
import type { Program } from "../../lib/compiler/program.ts"
import { sizeOf } from "../../lib/compiler/program.ts"
import type { Engine, NamedNumbers, Numbers } from "../../lib/engine/engine.ts"
import { onnx } from "../../lib/engine/onnx/engine.ts"
import { tensorflow } from "../../lib/engine/tensorflow/engine.ts"
import type { Device } from "../../lib/engine/tensorflow/installation.ts"
import { initialState } from "../../lib/model/initial.ts"
import { parameterLayout } from "../../lib/model/layout.ts"
import { stateBuffers } from "../../lib/model/state-buffers.ts"
import { integers } from "../../lib/random/integers.ts"
import { derive, key } from "../../lib/random/key.ts"
import { normal } from "../../lib/random/normal.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { restore } from "../../lib/run-folder/checkpoint.ts"
import { stepScalars } from "../../lib/train/scalars.ts"
import { trainingProgram } from "../../lib/train/step.ts"
import { semmimOf } from "../../pipelines/semmim.ts"
import { sizes } from "../../stages/encode/sizes.ts"

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "small" },
    batch: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
    engine: { type: "string", default: "onnx" },
    device: { type: "string", default: "cpu" },
    recompute: { type: "boolean", default: false },
    seed: { type: "string", default: "1" }
  }
})
const device = values.device as Device
const engines: { readonly [name: string]: () => Engine } = {
  onnx: () => onnx,
  tensorflow: () => tensorflow({ device }),
  "tensorflow-bf16": () => tensorflow({ device, compute: "bfloat16" }),
  "tensorflow-autocast": () => tensorflow({ device, compute: "autocast" })
}
const engine = engines[values.engine]!()
const batch = Number(values.batch)
const seconds = (from: number): number => (performance.now() - from) / 1000
const say = (value: unknown): void => console.log(typeof value === "string" ? value : JSON.stringify(value))

const pipeline = semmimOf("bench", {
  source: { train: "embedded:emoji", heldOut: null },
  size: sizes[values.size as keyof typeof sizes],
  image: 224,
  patch: 16,
  length: 30,
  vocabulary: 30_522,
  contrastive: { queue: values.size === "base" ? 65_536 : 4096 },
  output: values.size === "base" ? "uint8" : "float32",
  training: { batch, steps: 1000, learningRate: 1e-4, warmup: 10 }
})

/** Random numbers of an input's shape and type; tokens below the vocabulary, the text about two thirds real. */
const randomFeed = (program: Program, name: string, draw: number): Numbers => {
  const { value, source } = program.inputs.find((input) => input.name === name)!
  const { shape, dtype } = program.values[value]!
  const from = derive(key(Number(values.seed)), name, draw)
  const count = sizeOf(shape)
  if ("feed" in source && source.bytes) return Uint8Array.from(uniform(from, count), (u) => u * 256)
  if (name === "tokenMask") return Uint8Array.from({ length: count }, (_, i) => (i % 30 < 20 ? 1 : 0))
  if (name === "group") return Int32Array.from({ length: count }, (_, i) => i)
  if (dtype === "int32") return integers(from, count, 5, 30_522)
  if (dtype === "bool") return Uint8Array.from(uniform(from, count), (u) => (u < 0.5 ? 1 : 0))
  return name.startsWith("noise/") ? uniform(from, count) : normal(from, count)
}

const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const traceStart = performance.now()
      const layout = parameterLayout(pipeline)
      const program = trainingProgram(pipeline, layout, batch)
      const traceSeconds = seconds(traceStart)
      const session = yield* engine.open(stateBuffers(pipeline, layout), {
        threads: Number(values.threads),
        recompute: values.recompute
      })
      yield* restore(session, initialState(pipeline, layout, 1))
      const executable = yield* session.compile("step", program)
      const feedNames = program.inputs.filter((input) => "feed" in input.source && !input.name.startsWith("scalar/"))
      const batches: readonly NamedNumbers[] = [0, 1, 2, 3].map((draw) =>
        Object.fromEntries(feedNames.map(({ name }) => [name, randomFeed(program, name, draw)]))
      )
      const nodes = program.nodes.length
      const counts = { nodes, parameters: layout.length, flops: flops(program).total }
      say({ traceSeconds, compileSeconds: executable.compileSeconds, ...counts })
      say("ready")
      let taken = 0
      const lines = createInterface({ input: process.stdin })
      yield* Effect.promise(async () => {
        for await (const line of lines) {
          if (line.trim() === "quit") break
          // Feeds are handed over to the engine, so each step gets its own copy, made before the clock starts.
          const { feeds } = stepScalars(pipeline, taken, 1e6)
          const own = Object.fromEntries(Object.entries(batches[taken % 4]!).map(([name, numbers]) => [name, numbers.slice()]))
          const before = process.cpuUsage()
          const start = performance.now()
          const outputs = await Effect.runPromise(executable.run({ ...own, ...feeds }))
          const spent = seconds(start)
          const { user, system } = process.cpuUsage(before)
          say({ seconds: spent, cpuSeconds: (user + system) / 1e6, loss: outputs["loss"]![0] })
          taken++
        }
      })
      say({ peakRss: peak() })
    })
  )
)
process.exit(0)
