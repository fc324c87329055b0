import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "vitest"

const script = fileURLToPath(new URL("../../../lib/cli/setup-tensorflow.mjs", import.meta.url))
interface Package {
  readonly version: string
  readonly integrity: string
}
interface Wheel {
  readonly version: string
  readonly sha256: string
}
/** Plain JS, as what runs before anything is installed: its types are told here. */
const { binding, nodeHeaders, nvidia, wheels } = (await import(
  new URL("../../../lib/cli/tensorflow-parts.mjs", import.meta.url).href
)) as {
  readonly binding: { readonly cpu: Package; readonly gpu: Package }
  readonly nodeHeaders: Package
  readonly nvidia: readonly Wheel[]
  readonly wheels: { readonly cpu: Wheel; readonly gpu: Wheel }
}

const inside = mkdtempSync(join(tmpdir(), "semmim-setup-"))
afterAll(() => rmSync(inside, { recursive: true }))

describe("setup:tensorflow", () => {
  it("says in one line what is missing, and leaves nothing behind", () => {
    const home = join(inside, "home")
    const { status, stderr } = spawnSync(process.execPath, [script], {
      env: { PATH: inside, SEMMIM_TENSORFLOW: home },
      encoding: "utf8"
    })
    assert.strictEqual(status, 1)
    assert.match(
      stderr,
      /^semmim: (a C\+\+ compiler is needed, and there is none: install g\+\+.*|the tensorflow engine can be set up on Linux x64 only.*)\n$/
    )
    assert.isFalse(existsSync(home))
  })
  it("pins every part by its version and digest", () => {
    for (const { version, integrity } of [binding.cpu, binding.gpu, nodeHeaders]) {
      assert.match(version, /^\d+\.\d+\.\d+$/)
      assert.match(integrity, /^sha512-[A-Za-z0-9+/]{86}==$/)
    }
    for (const { version, sha256 } of [wheels.cpu, wheels.gpu, ...nvidia]) {
      assert.match(version, /^\d+\.\d+/)
      assert.match(sha256, /^[0-9a-f]{64}$/)
    }
  })
})
