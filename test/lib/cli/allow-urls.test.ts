import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { captured } from "./captured.ts"
import { image } from "./odd-images.ts"
import { tinyCli } from "./tiny-cli.ts"
import { newFolder } from "./tiny-run.ts"

describe("a list of URLs", () => {
  it.live("is fetched only with --allow-urls, in this thread and in workers, and never from this machine", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      const list = join(folder, "list.json")
      writeFileSync(join(folder, "a.png"), yield* image(1))
      writeFileSync(list, JSON.stringify([{ image: "http://127.0.0.1:9/a.png?key=SECRET", caption: "a dog" }]))
      const cases = [
        { more: ["--workers", "0"], reason: "urls-off" },
        { more: ["--workers", "0", "--allow-urls"], reason: "address-refused(loopback)" },
        { more: ["--workers", "1", "--allow-urls"], reason: "address-refused(loopback)" }
      ]
      for (const [n, { more, reason }] of cases.entries()) {
        const out = join(folder, `out${n}`)
        // The vocabulary is learned from captions, which need no image.
        yield* captured(tinyCli, "prepare", "tiny", "--data", list, "--out", out, "--cache", join(folder, "cache"), ...more)
        const quarantine = readFileSync(join(out, "quarantine.jsonl"), "utf8")
        assert.include(quarantine, reason, more.join(" "))
        assert.notInclude(quarantine, "SECRET")
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
