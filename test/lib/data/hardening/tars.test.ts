import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Logger, Result } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { image } from "../../cli/odd-images.ts"
import { hostileTars } from "./tars.ts"

/** Tars that end, for their reader, before their second sample; the last have none at all. */
const partly = ["garbage behind the end"]
const leading = ["absolute names", "names that leave the folder"]
const unreadable = [
  "an extended header of a gigabyte",
  "an extended header that says a size of 10¹⁵",
  "a size beyond all numbers",
  "a negative size",
  "a wrong checksum",
  "a break within an image",
  "zeros alone",
  "nothing"
]

describe("a hostile tar", () => {
  it.effect("gives its good samples and no others, or is refused in one line", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const [name, bytes] of Object.entries(hostileTars(yield* image(99, "jpeg")))) {
        const file = join(folder, "data.tar")
        writeFileSync(file, bytes)
        const opened = yield* Effect.result(openSource(file))
        if (unreadable.includes(name)) {
          if (Result.isSuccess(opened)) assert.fail(`${name}: opened`)
          assert.strictEqual(opened.failure._tag, "DataError", name)
          assert.notInclude(opened.failure.message, "\n", name)
          continue
        }
        if (Result.isFailure(opened)) return assert.fail(`${name}: ${opened.failure.message}`)
        const source = opened.success
        const ids = Array.from({ length: source.count }, (_, index) => source.id(index))
        const good = ids.filter((id) => /\/good[12](#2)?$/.test(id))
        assert.isAtLeast(good.length, partly.includes(name) ? 1 : 2, `${name}: ${ids}`)
        // A name that would lead out of a folder is only a key here, and no id is a path that does.
        if (!leading.includes(name)) assert.notMatch(ids.join("\n"), /evil|passwd|server/, name)
        for (const id of ids) assert.notMatch(id, /(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|[/\\]{2}|[A-Z]:/, name)
        for (let index = 0; index < source.count; index++) {
          const read = yield* Effect.result(source.sample(index))
          if (good.includes(source.id(index))) assert.isTrue(Result.isSuccess(read), `${name}: ${source.id(index)}`)
        }
      }
      assert.isUndefined(({} as { readonly polluted?: number }).polluted)
    }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Logger.layer([])]))
  )
})
