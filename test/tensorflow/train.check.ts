import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { reference } from "../../lib/engine/reference/engine.ts"
import { tensorflow } from "../../lib/engine/tensorflow/engine.ts"
import { sha256 } from "../../lib/store/digest.ts"
import { mainFile, quickRun } from "../lib/cli/tiny-cli.ts"
import { goldenRun } from "../lib/train/golden-run.ts"

/** Of two runs of the golden steps, how far apart each loss is at most, as a part of it. */
const apart = (
  a: readonly { readonly [name: string]: ArrayLike<number> }[],
  b: readonly { readonly [name: string]: ArrayLike<number> }[]
): number =>
  Math.max(
    ...a.flatMap((outputs, step) =>
      ["loss", "itc", "itm", "mlm", "mim", "agreement"]
        .filter((name) => outputs[name])
        .map((name) => Math.abs(outputs[name]![0]! - b[step]![name]![0]!) / Math.abs(b[step]![name]![0]!))
    )
  )

describe("a whole training step on the tensorflow engine", () => {
  const expected = Effect.runPromise(Effect.map(goldenRun(reference, 3), ({ outputs }) => outputs))
  it.live("gives the reference's losses, step after step, within a ten-thousandth", () =>
    Effect.gen(function* () {
      const { outputs } = yield* goldenRun(tensorflow({ device: "cpu" }), 3)
      assert.isBelow(apart(outputs, yield* Effect.promise(() => expected)), 1e-4)
    })
  )
  it.live("gives them, too, where layers are computed again in the backward pass", () =>
    Effect.gen(function* () {
      const { outputs } = yield* goldenRun(tensorflow({ device: "cpu" }), 3, true)
      assert.isBelow(apart(outputs, yield* Effect.promise(() => expected)), 1e-4)
    })
  )
  it.live.each(["bfloat16", "autocast"] as const)(
    "with products in %s gives them within a fiftieth, and keeps its state in float32",
    (compute) =>
      Effect.gen(function* () {
        const { outputs, end } = yield* goldenRun(tensorflow({ device: "cpu", compute }), 3)
        const far = apart(outputs, yield* Effect.promise(() => expected))
        assert.isBelow(far, 2e-2)
        assert.isAbove(far, 1e-7)
        // Rounded to bfloat16 the last 16 bits of every number would be zero.
        const bits = new Int32Array((end.get("student") as Float32Array).slice().buffer)
        assert.isTrue(bits.some((each) => (each & 0xffff) !== 0))
      })
  )
})

const steps = 6
let inside: string
beforeAll(() => {
  inside = mkdtempSync(join(tmpdir(), "semmim-tensorflow-"))
})
afterAll(() => rmSync(inside, { recursive: true, force: true }))

/** The lines of metrics so far; one that is still being written is none yet. */
const linesOf = (folder: string): readonly { readonly step: number; readonly loss: number }[] => {
  const file = join(inside, folder, "metrics.jsonl")
  const text = existsSync(file) ? readFileSync(file, "utf8") : ""
  const whole = text.split("\n").slice(0, -1)
  return whole.map((line) => JSON.parse(line))
}
const weightsOf = (folder: string): string =>
  sha256(readFileSync(join(inside, folder, "checkpoints", `step-${steps}`, "model.safetensors")))

/** Runs `tiny` for some steps in a process of its own; killed after so many lines of metrics where a number is given. */
const train = (folder: string, engine: string, count: number, killedAt?: number): Promise<number | null> =>
  new Promise((resolve) => {
    const more = ["--out", join(inside, folder), "--cache", join(inside, "cache"), "--engine", engine, "--resume"]
    const child = spawn(process.execPath, [mainFile, ...quickRun(count, more)], { stdio: ["ignore", "ignore", "inherit"] })
    const look = setInterval(() => {
      if (killedAt !== undefined && linesOf(folder).length >= killedAt) child.kill("SIGKILL")
    }, 4)
    child.on("close", (status) => {
      clearInterval(look)
      resolve(status)
    })
  })

describe("a run on the tensorflow engine", () => {
  it("that is killed and resumed ends with the same bits", async () => {
    assert.strictEqual(await train("whole", "tensorflow", steps), 0)
    assert.isNull(await train("killed", "tensorflow", steps, 3))
    assert.strictEqual(await train("killed", "tensorflow", steps), 0)
    assert.strictEqual(weightsOf("killed"), weightsOf("whole"))
  })
  it("goes on from a checkpoint of the onnx engine, and the onnx engine from its", async () => {
    const both = [
      ["onnx", "tensorflow"],
      ["tensorflow", "onnx"]
    ] as const
    for (const [first, second] of both) {
      const folder = `${first}-then-${second}`
      assert.strictEqual(await train(folder, first, 3), 0)
      assert.strictEqual(await train(folder, second, steps), 0)
      const losses = linesOf(folder).map(({ loss }) => loss)
      for (const [i, { loss }] of linesOf("whole").entries()) assert.closeTo(losses[i]! / loss, 1, 1e-4)
    }
  })
})
