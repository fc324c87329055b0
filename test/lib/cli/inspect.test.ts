import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Cause, Effect, Exit, FileSystem } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import { captured } from "./captured.ts"
import { tinyCli } from "./tiny-cli.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const ended = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isSuccess(exit) ? { status: 0, line: "" } : reportOf(exit.cause as Cause.Cause<unknown>, false)

describe("semmim inspect", () => {
  it.live("shows a source as text, as JSON and as a page", () =>
    Effect.gen(function* () {
      const out = yield* folder
      const { text, exit } = yield* captured(tinyCli, "inspect", "embedded:emoji-tiny", "--out", out)
      assert.deepStrictEqual(ended(exit), { status: 0, line: "" })
      assert.match(text, /^embedded:emoji-tiny: 32 samples\n/)
      assert.include(readFileSync(join(out, "inspect.html"), "utf8"), "data:image/png;base64,")
      const json = yield* captured(tinyCli, "inspect", "embedded:emoji-tiny", "--json", "--no-samples", "--limit", "5")
      assert.deepInclude(JSON.parse(json.text), { count: 32, looked: 5, samples: [] })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("verifies a shard set with --lint: nothing where all is well, and each fault with status 1", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "shards")
      const prepared = yield* captured(
        tinyCli,
        "prepare",
        "tiny",
        "--out",
        out,
        "--shard-size",
        "16",
        "--workers",
        "0",
        "--cache",
        join(out, "../cache")
      )
      assert.deepStrictEqual(ended(prepared.exit), { status: 0, line: "" })
      const well = yield* captured(tinyCli, "inspect", out, "--lint")
      assert.deepStrictEqual(ended(well.exit), { status: 0, line: "" }, well.text)
      assert.match(well.text, /lint: no faults$/)
      const tar = join(out, "shard-000001.tar")
      const bytes = readFileSync(tar)
      bytes[bytes.indexOf("JFIF") + 40]! ^= 255
      writeFileSync(tar, bytes)
      appendFileSync(join(out, "shard-000000.samples.json"), " ")
      writeFileSync(join(out, "stray.txt"), "")
      const ill = yield* captured(tinyCli, "inspect", out, "--lint", "--no-samples")
      assert.strictEqual(ended(ill.exit).status, 1)
      assert.match(ended(ill.exit).line, /^semmim: .*shards: \d+ faults$/)
      for (const fault of [
        /shard-000001\.tar +sha256 /,
        /shard-000000\.samples\.json +sha256 /,
        /stray\.txt +no file of a shard set/
      ])
        assert.match(ill.text, fault)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("says in one line that there is no such data, and writes nothing", () =>
    Effect.gen(function* () {
      const out = join(yield* folder, "page")
      const { exit } = yield* captured(tinyCli, "inspect", "nowhere", "--out", out)
      assert.strictEqual(ended(exit).status, 1)
      assert.match(ended(exit).line, /^semmim: nowhere: no such data/)
      assert.isFalse(existsSync(out))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
