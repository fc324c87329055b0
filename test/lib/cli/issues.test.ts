import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { captured } from "./captured.ts"
import { image } from "./odd-images.ts"
import { tinyCli } from "./tiny-cli.ts"
import { newFolder, tinyRun } from "./tiny-run.ts"

/** A table of four good rows, and two that lack a field. */
const tableWithFaults = Effect.gen(function* () {
  const folder = yield* newFolder
  const rows = [0, 1, 2, 3].map((i) => `${i}.png\ta square of shade ${i}`)
  for (const i of [0, 1, 2, 3]) writeFileSync(join(folder, `${i}.png`), yield* image(30 + 50 * i))
  const list = join(folder, "list.tsv")
  writeFileSync(list, `${["filepath\ttitle", ...rows, "5.png", "6.png"].join("\n")}\n`)
  return { folder, list }
})

const said = /left out: 2 × fewer than 2 fields \(line 6\)/

describe("what was left out when data was opened", () => {
  it.live("is said by inspect as text, as JSON and on its page", () =>
    Effect.gen(function* () {
      const { folder, list } = yield* tableWithFaults
      const { text } = yield* captured(tinyCli, "inspect", list, "--out", folder)
      assert.match(text, /left out when it was opened +count +first\nfewer than 2 fields +2 +line 6/)
      assert.match(readFileSync(join(folder, "inspect.html"), "utf8"), /id="issues".*fewer than 2 fields/s)
      const json = JSON.parse((yield* captured(tinyCli, "inspect", list, "--json")).text)
      const lint = yield* captured(tinyCli, "inspect", list, "--lint", "--no-samples")
      assert.isFalse(Exit.isSuccess(lint.exit))
      assert.match(lint.text, /line 6 +fewer than 2 fields, and 1 more/)
      assert.deepStrictEqual(json.issues, [{ kind: "bad", reason: "fewer than 2 fields", count: 2, first: "line 6" }])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("is said at the end of prepare, in its manifest, and by inspect of the shards", () =>
    Effect.gen(function* () {
      const { folder, list } = yield* tableWithFaults
      const out = join(folder, "shards")
      const flags = ["--data", list, "--out", out, "--workers", "1", "--cache", join(folder, "cache")]
      const { text, exit } = yield* captured(tinyCli, "prepare", "tiny", ...flags)
      assert.isTrue(Exit.isSuccess(exit))
      assert.match(text, said)
      const { source } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"))
      assert.deepInclude(source.issues[0], { count: 2, first: "line 6" })
      assert.match((yield* captured(tinyCli, "inspect", out)).text, /\(of what it was prepared from\).*\nfewer than 2 fields +2 /)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("is said once at the start of a run", () =>
    Effect.gen(function* () {
      const { list } = yield* tableWithFaults
      const { status, said: lines } = yield* tinyRun(1, "--data", list, "--set", "batch=2")
      assert.strictEqual(status, 0)
      assert.strictEqual(lines.split(said).length, 2, lines)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
