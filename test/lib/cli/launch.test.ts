import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { root } from "../../readme-blocks.ts"

let inside: string
beforeAll(() => {
  inside = mkdtempSync(join(tmpdir(), "semmim-launch-"))
})
afterAll(() => rmSync(inside, { recursive: true, force: true }))

const launcher = join(root, "lib/cli/launch.mjs")
/** As Node was before 22.15, and is on Windows: the launcher waits beside the command. */
const waiting = ["--import", "data:text/javascript,delete process.execve", launcher]

const starts: { readonly [how: string]: readonly [file: string, args: readonly string[]] } = {
  "npx semmim": ["npx", ["semmim"]],
  "the launcher, which becomes the command": [process.execPath, [launcher]],
  "the launcher, which waits beside the command": [process.execPath, waiting]
}

/** Whom a signal is sent to: the process that was started, or, as a terminal does, all of its group. */
type Whom = "it" | "all"

const ended = async (how: string, signal: NodeJS.Signals, whom: Whom, reading = true) => {
  const [file, args] = starts[how]!
  const out = join(inside, `${how} ${signal} ${whom} ${reading}`.replace(/\W+/g, "-"))
  const run = [
    "run",
    "tiny",
    "--steps",
    "20000",
    "--set",
    "checkpointEvery=20000",
    "--out",
    out,
    "--cache",
    join(inside, "cache")
  ]
  const child = spawn(file, [...args, ...run], { cwd: root, detached: true, stdio: ["ignore", "ignore", "pipe"] })
  let err = ""
  child.stderr.on("data", (chunk) => {
    err += chunk
  })
  let status: number | null = null
  child.on("exit", (code) => {
    status = code
  })
  // Not before whoever was started has ended too: they have its standard error.
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()))
  const metrics = join(out, "metrics.jsonl")
  while (!(existsSync(metrics) && statSync(metrics).size > 0)) {
    assert.isNull(child.exitCode, err)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  if (!reading) child.stderr.destroy()
  process.kill(whom === "all" ? -child.pid! : child.pid!, signal)
  await closed
  return { status, err, checkpoints: () => (existsSync(join(out, "checkpoints")) ? readdirSync(join(out, "checkpoints")) : []) }
}

describe("a run that was started through others", () => {
  const cases: ReadonlyArray<readonly [how: string, signal: NodeJS.Signals, whom: Whom, status: number | null]> = [
    ["npx semmim", "SIGTERM", "it", null],
    ["npx semmim", "SIGKILL", "it", null],
    ["npx semmim", "SIGINT", "all", null],
    ["the launcher, which waits beside the command", "SIGTERM", "it", 130],
    ["the launcher, which waits beside the command", "SIGHUP", "all", 130],
    ["the launcher, which waits beside the command", "SIGINT", "all", 130],
    ["the launcher, which waits beside the command", "SIGKILL", "it", null]
  ]
  for (const [how, signal, whom, expected] of cases)
    it(`stops with a checkpoint on ${signal} to ${whom === "it" ? how : `the terminal of ${how}`}`, {
      timeout: 120_000
    }, async () => {
      const { status, err, checkpoints } = await ended(how, signal, whom)
      const step = /stopped after step (\d+) with a checkpoint; --resume goes on from there/.exec(err)?.[1]
      assert.isDefined(step, err)
      assert.deepStrictEqual(checkpoints(), [`step-${step}`])
      if (how !== "npx semmim") assert.strictEqual(status, expected)
    })

  it("stops with a checkpoint although nobody reads its messages any more", { timeout: 120_000 }, async () => {
    const { status, checkpoints } = await ended("the launcher, which becomes the command", "SIGTERM", "it", false)
    assert.strictEqual(status, 130)
    assert.lengthOf(checkpoints(), 1)
  })
})
