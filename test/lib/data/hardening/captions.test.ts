import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger } from "effect"
import { inspectionText } from "../../../../lib/cli/inspection-text.ts"
import { openSource } from "../../../../lib/data/open-source.ts"
import { inspectSource } from "../../../../lib/inspect/inspect-source.ts"
import { inspectionPage } from "../../../../lib/inspect/page/page.ts"
import { image } from "../../cli/odd-images.ts"
import { prepareTiny } from "../../prepare/prepared.ts"

const odd: readonly string[] = [
  "a \u0000 in the middle",
  "\u0000",
  "\ud800 alone, and \udc00 alone",
  "x".repeat(2 ** 20),
  "long ".repeat(200_000),
  "two\nlines\r\nand a tab\t",
  "\u001b[2J\u0007 bells",
  "\u202e reversed \u2066 isolated",
  "e\u0301".repeat(2000),
  "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "\ufeff mark first",
  "</script><!-- ]]> <img src=x onerror=alert(1)>",
  '{"__proto__": {"polluted": 1}}',
  'not only {"__proto__": {"polluted": 1}}',
  '=HYPERLINK("http://example.org")',
  "NaN",
  "null"
]

describe("odd captions", () => {
  it.live("go through shards as they are, but for halves of characters, and into no markup", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const [i] of odd.entries()) writeFileSync(join(folder, `${i}.png`), yield* image(10 + 10 * i))
      const list = join(folder, "list.json")
      writeFileSync(list, JSON.stringify(odd.map((caption, i) => ({ image: `${i}.png`, caption }))))
      const shards = join(folder, "shards")
      yield* prepareTiny(list, shards)
      const source = yield* openSource(shards)
      const found = new Map<string, readonly string[]>()
      for (let index = 0; index < source.count; index++) found.set(source.id(index), (yield* source.sample(index)).captions)
      for (const [i, caption] of odd.entries()) {
        const [kept] = found.get(`${i}.png`) ?? []
        // White space, what trims to nothing and an object without a text are left out as no caption at all.
        if ((caption.replaceAll("\u0000", "").trim() === "" || caption.startsWith("{")) && kept === undefined) continue
        assert.strictEqual(kept?.toWellFormed(), caption.toWellFormed(), `caption ${i}`)
      }
      const inspection = yield* inspectSource(source, {
        limit: 100,
        samples: true,
        lint: true,
        progress: { write: () => {}, columns: () => undefined }
      })
      assert.deepStrictEqual(inspection.faults, [])
      assert.notMatch(inspectionPage(inspection), /<script|<img src=x|<!--/)
      assert.notMatch(inspectionText(inspection), /[^\P{Cc}\n]|[\u202e\u2066]/u)
      assert.isUndefined(({} as { readonly polluted?: number }).polluted)
    }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Logger.layer([])]))
  )
})
