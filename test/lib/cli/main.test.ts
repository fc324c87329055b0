import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const file = fileURLToPath(new URL("../../toy/main.ts", import.meta.url))

/** Runs the toy command line as a process of its own, with a signal once it says `waiting`. */
const run = (
  argv: readonly string[],
  signal?: NodeJS.Signals
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...argv])
    const text = { out: "", err: "" }
    child.stdout.on("data", (chunk) => {
      text.out += chunk
      if (signal && text.out.includes("waiting")) child.kill(signal)
    })
    child.stderr.on("data", (chunk) => {
      text.err += chunk
    })
    child.on("close", (status) => resolve({ status, ...text }))
  })

describe("main", () => {
  it("prints results on standard output and ends with 0", async () => {
    const { status, out, err } = await run(["explain", "toy", "--graph"])
    assert.deepStrictEqual([status, err], [0, ""])
    assert.match(out, /^flowchart TD\n/)
  })

  it("prints one line on standard error and ends with 2 on wrong usage", async () => {
    const { status, out, err } = await run(["explain", "toy", "--set", "batch=x"])
    assert.deepStrictEqual([status, out, err], [2, "", 'semmim: --set batch: expected whole number ≥ 1, got "x"\n'])
  })

  it("prints one line and ends with 1 on failure, with a stack when debugging", async () => {
    const failed = await run(["stage", "letters", "--pipeline", "toy", "--input", "absent.json"])
    assert.strictEqual(failed.status, 1)
    assert.match(failed.err, /^semmim: absent\.json: .*\n$/)
    const debugged = await run(["stage", "letters", "--pipeline", "toy", "--input", "absent.json", "--log-level", "debug"])
    assert.strictEqual(debugged.status, 1)
    assert.match(debugged.err, /\n +at /)
  })

  it("ends with 130 on SIGINT and on SIGTERM", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const { status, err } = await run(["explain", "endless"], signal)
      assert.deepStrictEqual([status, err], [130, "semmim: interrupted\n"])
    }
  })
})
