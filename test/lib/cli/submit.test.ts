import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { thisProcessor } from "../../../lib/machine/processor.ts"
import { mainFile } from "./tiny-cli.ts"

const folder = mkdtempSync(join(tmpdir(), "semmim-submit-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command line in a process of its own. */
const semmim = (args: readonly string[]) =>
  new Promise<{ readonly status: number | null; readonly out: string; readonly error: string }>((resolve) => {
    const child = spawn(process.execPath, [mainFile, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let [out, error] = ["", ""]
    child.stdout.on("data", (text) => {
      out += text
    })
    child.stderr.on("data", (text) => {
      error += text
    })
    child.on("close", (status) => resolve({ status, out, error }))
  })

const out = join(folder, "run")
const small = ["batch=4", "logEvery=1", "retrieval.pairs=8", "align.contrastive.queue=16"].flatMap((set) => ["--set", set])
const submitted = [
  "submit",
  "tiny",
  "--local",
  "--workers",
  "2",
  "--out",
  out,
  "--steps",
  "4",
  "--local-steps",
  "2",
  "--shard-size",
  "16",
  ...small
]

describe("submit --local", () => {
  it("prepares, trains in rounds, evaluates and reports, and goes on from what is done", { timeout: 300_000 }, async () => {
    const first = await semmim([...submitted, "--json"])
    assert.strictEqual(first.status, 0, first.error)
    const { retrieval, report } = JSON.parse(first.out)
    assert.strictEqual(retrieval.images, 8)
    assert.deepInclude(retrieval.leading.validation, { data: "embedded:emoji-tiny", pairs: 20 })
    assert.isTrue(existsSync(report))
    const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n")
    assert.deepStrictEqual(
      lines.map((line) => JSON.parse(line).step),
      [1, 2, 3, 4]
    )
    assert.isTrue(existsSync(join(out, "checkpoints", "step-4", "manifest.json")))

    const state = readFileSync(join(out, "checkpoints", "step-4", "state.json"), "utf8")
    assert.strictEqual(JSON.parse(state).processor, thisProcessor().kind)
    assert.include(readFileSync(report, "utf8"), `trained by workers on</th><td>${thisProcessor().kind}`)

    const store = join(out, "store")
    const status = await semmim(["status", "tiny-local", "--store", store, "--json"])
    const { kinds, reasons, ...its } = JSON.parse(status.out)
    assert.deepStrictEqual([its.state, reasons], ["finished", []])
    assert.deepStrictEqual(
      kinds.map((each: { kind: string; done: number; total: number }) => [each.kind, each.done, each.total]),
      [
        ["prepare", 2, 2],
        ["train", 4, 4],
        ["merge", 3, 3],
        ["evaluate", 1, 1]
      ]
    )
    // All of it is in the store: nothing is done again.
    const again = await semmim([...submitted, "--json"])
    assert.strictEqual(again.status, 0, again.error)
    assert.deepStrictEqual(JSON.parse(again.out).retrieval, retrieval)
    assert.match((await semmim(["cancel", "tiny-local", "--store", store])).out, /cancelled/)
    const logs = [0, 1].map((worker) => readFileSync(join(out, "workers", `worker-${worker}.log`), "utf8")).join("")
    assert.match(logs, /"level":"INFO"/)
  })

  it("refuses what cannot be in one line, with status 2", { timeout: 120_000 }, async () => {
    const bad = await semmim(["submit", "tiny", "--local", "--replicas", "3", "--out", join(folder, "bad")])
    assert.deepStrictEqual([bad.status, bad.error.trim().split("\n").length], [2, 1])
    assert.match(bad.error, /--replicas 3: .*a batch of 16 cannot be shared by 3 replicas/)
    const neither = await semmim(["submit", "tiny"])
    assert.strictEqual(neither.status, 2)
    assert.match(neither.error, /--local, or --queue/)
    const unknown = await semmim(["status", "nothing", "--store", join(folder, "store")])
    assert.strictEqual(unknown.status, 1)
    assert.match(unknown.error, /no submission 'nothing'/)
  })
})
