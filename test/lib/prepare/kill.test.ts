import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { seed } from "../../seed.ts"
import { imageFolder } from "./images.ts"
import { moment, prepareProcess } from "./killed.ts"
import { digests } from "./prepared.ts"
import { temporaryRoot } from "./root.ts"

const root = temporaryRoot("kill")
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe("prepare that is killed", () => {
  // Each of its processes imports all stages, which takes a second or two: test/bench/data/kill.ts kills fifty times.
  it("ends, started again, with the bytes of one that was not", { timeout: 300_000 }, async () => {
    const data = await imageFolder(join(root, "data"), 24)
    const argv = ["tiny", "--data", data, "--cache", join(root, "cache"), "--size", "24", "--shard-size", "4", "--workers", "1"]
    const whole = join(root, "whole")
    const { status, err, seen } = await prepareProcess(argv, whole)
    assert.strictEqual(status, 0, err)
    const out = join(root, "killed")
    let killed = 0
    for (let n = 0; n < 4; n++) if ((await prepareProcess(argv, out, moment(seed, n, seen >> 1))).killed) killed++
    assert.isAtLeast(killed, 1)
    const last = await prepareProcess(argv, out)
    assert.strictEqual(last.status, 0, last.err)
    assert.deepStrictEqual(digests(out), digests(whole))
    assert.deepStrictEqual(
      readdirSync(out).filter((name) => name.startsWith(".")),
      [],
      "nothing is left of the killed"
    )
  })
})
