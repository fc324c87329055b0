import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { afterAll } from "vitest"
import { crashingDisk } from "../store/failing-disk.ts"
import { imageFolder } from "./images.ts"
import { digests, prepareToy } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("faults")
afterAll(() => rmSync(root, { recursive: true, force: true }))

const settings = { resize: "none", shardSize: 2 } as const

layer(NodeServices.layer, { excludeTestServices: true })("prepare on a faulty disk", (it) => {
  const undisturbed = Effect.gen(function* () {
    const data = yield* Effect.promise(() => imageFolder(join(root, "data"), 6))
    const whole = join(root, "whole")
    yield* prepareToy(data, whole, settings)
    return { data, expected: digests(whole) }
  })

  for (const afterwards of ["stopped", "works"] as const) {
    const what = afterwards === "stopped" ? "tears any change and stops" : "fails any one change"
    const problem = `that ${what} loses nothing: started again, it ends with the same bytes`
    it.effect(
      problem,
      () =>
        Effect.gen(function* () {
          const { data, expected } = yield* undisturbed
          let last = 1
          for (let faulty = true; faulty; last++) {
            const out = join(root, `${afterwards}-${last}`)
            const disk = crashingDisk(last, "the disk failed", afterwards)
            const exit = yield* Effect.exit(prepareToy(data, out, settings).pipe(Effect.provide(disk.layer, { local: true })))
            faulty = disk.crashed()
            // What is only cleaning up may fail and still all be there.
            if (Exit.isSuccess(exit)) assert.deepStrictEqual(withoutHidden(digests(out)), expected, `change ${last}`)
            forgetLock(out)
            yield* prepareToy(data, out, settings)
            assert.deepStrictEqual(withoutHidden(digests(out)), expected, `change ${last}`)
            rmSync(out, { recursive: true })
          }
          assert.isAbove(last, 70)
        }),
      300_000
    )
  }

  it.effect("that is full says so in one line, and goes on when there is room", () =>
    Effect.gen(function* () {
      const { data, expected } = yield* undisturbed
      const out = join(root, "full")
      const disk = crashingDisk(40, "ENOSPC: no space left on device, write")
      const error = yield* Effect.flip(prepareToy(data, out, settings).pipe(Effect.provide(disk.layer, { local: true })))
      assert.match(error.message, /^[^\n]*shard-00000\d[^\n]*: ENOSPC: no space left on device, write$/)
      forgetLock(out)
      const { kept } = yield* prepareToy(data, out, settings)
      assert.isAtLeast(kept, 1)
      assert.deepStrictEqual(withoutHidden(digests(out)), expected)
      assert.isNotEmpty(readFileSync(join(out, "manifest.json"), "utf8"))
    })
  )
})

/** The process that held the folder is gone, as it would be after a crash. */
const forgetLock = (folder: string): void => {
  for (const name of [".lock", ".lock.next"]) rmSync(join(folder, name), { force: true })
}

/** Without what a lock or a killed writer leaves behind. */
const withoutHidden = (files: { readonly [path: string]: string }) =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith(".")))
