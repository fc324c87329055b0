import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import { integers } from "../../../lib/random/integers.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { seed } from "../../seed.ts"
import { captured } from "../cli/captured.ts"
import { mainFile, quickRun, tinyCli } from "../cli/tiny-cli.ts"
import { accumulatedSteps } from "../log/accumulate-events.ts"

/** Steps of a run: more than all kills together let it do. */
const steps = 64
const kills = 20

let inside: string
const inFolder = (name: string): string => join(inside, name)
beforeAll(() => {
  inside = mkdtempSync(join(tmpdir(), "semmim-kill-"))
})
afterAll(() => rmSync(inside, { recursive: true, force: true }))

interface Child {
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<{ readonly status: number | null; readonly err: string }>
}

const argvOf = (folder: string, more: readonly string[] = []): readonly string[] =>
  quickRun(steps, ["--out", inFolder(folder), "--cache", inFolder("cache"), ...more])

/** Starts a process of the command line on a run's folder. */
const start = (folder: string, more: readonly string[] = []): Child => {
  const child = spawn(process.execPath, [mainFile, ...argvOf(folder, more)], { stdio: ["ignore", "ignore", "pipe"] })
  let err = ""
  child.stderr.on("data", (chunk) => {
    err += chunk
  })
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.on("close", (status) => resolve({ status, err })))
  }
}

const names = (...path: readonly string[]): readonly string[] => {
  const folder = inFolder(join(...path))
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Processes that came as far as training in a folder: each begins a file of events. */
const started = (folder: string): number => names(folder).filter((name) => name.startsWith("events.")).length

const lines = (folder: string): readonly string[] => {
  const path = join(inFolder(folder), "metrics.jsonl")
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []
}

/** Waits until something holds, looking every 4 ms, or the child has ended. */
const until = (child: Child, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = setInterval(() => {
      if (holds()) done()
    }, 4)
    const done = () => {
      clearInterval(look)
      resolve()
    }
    void child.ended.then(done)
  })

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** When a process is killed: while it starts, after so many steps, or so long into writing its checkpoint of some number. */
type Moment =
  | { readonly kind: "starting"; readonly after: number }
  | { readonly kind: "step"; readonly count: number }
  | { readonly kind: "checkpoint"; readonly count: number; readonly after: number }

const moment = (i: number): Moment => {
  const draw = (what: string, below: number): number => integers(derive(key(seed), "kill", i, what), 1, 0, below)[0]!
  if (i % 3 === 0) return { kind: "starting", after: 100 + draw("after", 1400) }
  if (i % 3 === 1) return { kind: "step", count: 1 + draw("count", 3) }
  return { kind: "checkpoint", count: 1 + draw("count", 2), after: draw("after", 80) }
}

const untilMoment = async (child: Child, folder: string, at: Moment): Promise<void> => {
  if (at.kind === "starting") return pause(at.after)
  const before = started(folder)
  await until(child, () => started(folder) > before)
  if (at.kind === "step") {
    const from = lines(folder).length
    return until(child, () => lines(folder).length >= from + at.count)
  }
  const seen = new Set<string>()
  await until(child, () => {
    for (const name of names(folder, "checkpoints")) if (name.endsWith(".tmp")) seen.add(name)
    return seen.size >= at.count
  })
  await pause(at.after)
}

const timings = new Set(["samplesPerSecond", "stepSeconds", "dataSeconds"])

/** What a run came to: the digests of its last checkpoint's tensors, and its metrics without timings. */
const outcome = (folder: string, step: number) => ({
  tensors: ["model", "teacher", "optimizer"].map((file) =>
    sha256(readFileSync(join(inFolder(folder), "checkpoints", `step-${step}`, `${file}.safetensors`)))
  ),
  metrics: lines(folder).map((line) =>
    Object.fromEntries(Object.entries(JSON.parse(line) as Record<string, number>).filter(([name]) => !timings.has(name)))
  )
})

describe("a run that is stopped and resumed", () => {
  let whole: ReturnType<typeof outcome>
  beforeAll(async () => {
    const { status, err } = await start("whole").ended
    assert.strictEqual(status, 0, err)
    whole = outcome("whole", steps)
  })

  it("logs every step of a run that is not stopped, once", () => {
    assert.deepStrictEqual(
      whole.metrics.map((line) => line["step"]),
      Array.from({ length: steps }, (_, i) => i + 1)
    )
  })

  it(`ends with the same bits and the same metrics after ${kills} kills`, { timeout: 600_000 }, async () => {
    for (let i = 0; i < kills; i++) {
      const at = moment(i)
      const child = start("killed", ["--resume"])
      await untilMoment(child, "killed", at)
      child.kill("SIGKILL")
      const { status, err } = await child.ended
      assert.isNull(status, `kill ${i}, ${JSON.stringify(at)}: ${err}`)
    }
    const { status, err } = await start("killed", ["--resume"]).ended
    assert.strictEqual(status, 0, err)
    assert.deepStrictEqual(outcome("killed", steps), whole)
    const drawn = whole.metrics.map((line) => line["step"]!)
    for (const [tag, seen] of accumulatedSteps(inFolder("killed"))) assert.deepStrictEqual(seen, drawn, `TensorBoard, ${tag}`)
    assert.deepStrictEqual(
      [...names("killed"), ...names("killed", "checkpoints")].filter((name) => name.startsWith(".")),
      [],
      "nothing is left of the killed"
    )
  })

  it("stops on Ctrl-C with status 130 and a checkpoint, refusing others meanwhile, and goes on to the same end", async () => {
    const child = start("interrupted")
    await until(child, () => lines("interrupted").length >= 3)
    // In this process, which need not start first: the other is still at work.
    const { exit } = await Effect.runPromise(captured(tinyCli, ...argvOf("interrupted", ["--resume"])))
    const refused = Exit.isFailure(exit) ? reportOf(exit.cause, false) : undefined
    assert.strictEqual(refused?.status, 1)
    assert.match(refused!.line, new RegExp(`^semmim: .*interrupted: in use by process ${child.pid}, started \\S+$`))
    child.kill("SIGINT")
    const { status, err } = await child.ended
    assert.strictEqual(status, 130, err)
    const at = Number(/stopped after step (\d+) with a checkpoint; --resume goes on from there/.exec(err)?.[1])
    assert.include(names("interrupted", "checkpoints"), `step-${at}`)
    assert.strictEqual(lines("interrupted").length, at)
    assert.strictEqual((await start("interrupted", ["--resume"]).ended).status, 0)
    assert.deepStrictEqual(outcome("interrupted", steps), whole)
  })
})
