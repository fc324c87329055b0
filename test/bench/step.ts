// Measures the full SemMIM training step against PyTorch's, in turns:
// `npm run bench [-- --size small --size medium --rounds 9 --engines onnx,tensorflow]` (engines also: tensorflow-bf16 and tensorflow-autocast,
// which are compared with PyTorch's autocast to bfloat16). `--device gpu` runs both on the GPU, PyTorch's layers through torch.compile, by the
// Python that PYTHON names.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    size: { type: "string", multiple: true, default: ["small", "medium"] },
    rounds: { type: "string", default: "9" },
    warmup: { type: "string", default: "3" },
    batch: { type: "string", default: "8" },
    threads: { type: "string", default: "2" },
    engines: { type: "string", default: "onnx" },
    device: { type: "string", default: "cpu" },
    json: { type: "boolean", default: false }
  }
})

/** A process that runs a step when told `step` and says how long it took, and its peak memory when told `quit`. */
interface Stepper {
  readonly ready: Record<string, unknown>
  readonly step: () => Promise<number>
  readonly quit: () => Promise<{ readonly peakRss: number }>
}

const start = async ([command, ...given]: readonly [string, ...string[]]): Promise<Stepper> => {
  const child: ChildProcess = spawn(command, given, { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${command} ended before it answered`)
    return value as string
  }
  const ready = JSON.parse(await next())
  if ((await next()) !== "ready") throw new Error(`${command} is not ready`)
  const ask = async (word: string): Promise<Record<string, number>> => {
    child.stdin!.write(`${word}\n`)
    return JSON.parse(await next())
  }
  return {
    ready,
    step: async () => (await ask("step"))["seconds"]!,
    quit: async () => (await ask("quit")) as unknown as { peakRss: number }
  }
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

const gpu = values.device === "gpu"
const own = join(here, "peers/.venv/bin/python")
const python = process.env["PYTHON"] ?? own
if (python === own && !existsSync(own)) {
  process.stderr.write("bench: making the peers' Python packages (private folder test/bench/peers/.venv, about 1.7 GB)\n")
  const { status } = spawnSync("sh", [join(here, "peers/setup.sh")], { stdio: "inherit" })
  if (status !== 0) process.exit(1)
}

const engines = values.engines.split(",")
/** PyTorch's computation that each engine's is compared with. */
const computeOf = (engine: string): "float32" | "bfloat16" => (/-(bf16|autocast)$/.test(engine) ? "bfloat16" : "float32")
const peers = [...new Set(engines.map(computeOf))]

/** Everyone's time in each round, who goes first changing from round to round. */
const race = async (steppers: readonly Stepper[], rounds: number): Promise<readonly (readonly number[])[]> => {
  const times: number[][] = steppers.map(() => [])
  for (let i = 0; i < rounds; i++)
    for (let k = 0; k < steppers.length; k++) {
      const who = (i + k) % steppers.length
      times[who]!.push(await steppers[who]!.step())
    }
  return times
}

for (const size of values.size) {
  const common = ["--size", size, "--batch", values.batch, "--threads", values.threads]
  const commands: (readonly [string, ...string[]])[] = [
    ...engines.map((engine): [string, ...string[]] => {
      const step = ["--disable-warning=ExperimentalWarning", join(here, "train-step.ts"), ...common]
      return [process.execPath, ...step, "--engine", engine, "--device", values.device]
    }),
    ...peers.map((compute): [string, ...string[]] => {
      const step = [join(here, "peers/train_step.py"), ...common, ...(gpu ? ["--device", "cuda", "--compile"] : [])]
      return [python, ...step, ...(compute === "bfloat16" ? ["--autocast"] : [])]
    })
  ]
  const steppers: Stepper[] = []
  if (gpu) {
    // The first step compiles, which takes both of them minutes there.
    steppers.push(...(await Promise.all(commands.map(start))))
    const first = await Promise.all(steppers.map((stepper) => stepper.step()))
    process.stderr.write(`bench: first steps took ${first.map((seconds) => `${seconds.toFixed(0)} s`).join(", ")}\n`)
  } else for (const command of commands) steppers.push(await start(command))
  await race(steppers, Number(values.warmup))
  const times = await race(steppers, Number(values.rounds))
  const peaks: number[] = []
  for (const stepper of steppers) peaks.push((await stepper.quit()).peakRss)
  for (const [i, engine] of engines.entries()) {
    const peer = engines.length + peers.indexOf(computeOf(engine))
    const [theirs, peakPytorch] = [times[peer]!, peaks[peer]!]
    const ratios = times[i]!.map((time, round) => time / theirs[round]!)
    const result = {
      size,
      engine,
      batch: Number(values.batch),
      threads: Number(values.threads),
      ours: median(times[i]!),
      pytorch: median(theirs),
      ratio: median(ratios),
      ratioLowest: Math.min(...ratios),
      ratioHighest: Math.max(...ratios),
      peakOurs: peaks[i]!,
      peakPytorch,
      peakRatio: peaks[i]! / peakPytorch,
      samplesPerSecond: Number(values.batch) / median(times[i]!),
      teraflops: Number(steppers[i]!.ready["flops"]) / median(times[i]!) / 1e12,
      ready: { ours: steppers[i]!.ready, pytorch: steppers[peer]!.ready }
    }
    if (values.json) console.log(JSON.stringify(result))
    else
      console.log(
        `${size}, ${engine}: ours ${result.ours.toFixed(3)} s, PyTorch${computeOf(engine) === "bfloat16" ? " (bf16 autocast)" : ""} ${result.pytorch.toFixed(3)} s, ratio ${result.ratio.toFixed(3)} ` +
          `(${result.ratioLowest.toFixed(3)}–${result.ratioHighest.toFixed(3)}, ${ratios.length} rounds); peak ${megabytes(result.peakOurs)} ` +
          `against ${megabytes(peakPytorch)}, ratio ${result.peakRatio.toFixed(2)}; ` +
          `${result.samplesPerSecond.toFixed(1)} samples/s, ${result.teraflops.toFixed(3)} TFLOP/s; ready after ${JSON.stringify(result.ready.ours)}`
      )
  }
}
