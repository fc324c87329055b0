import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { root } from "./readme-blocks.ts"

interface Locked {
  readonly hasInstallScript?: boolean
}

const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"))
const reviewed: Record<string, boolean> = json("package.json").allowScripts
const locked = Object.entries<Locked>(json("package-lock.json").packages)

// onnxruntime-node's script downloads hundreds of megabytes of CUDA libraries. An npm that knows allowScripts (11) leaves out what it
// refuses; an older one runs the scripts that the lock file says are there. An npm that updates the package says so again.
describe("npm install in a clone", () => {
  it("runs no script of onnxruntime-node, whichever npm", () => {
    assert.strictEqual(reviewed["onnxruntime-node"], false)
    assert.isUndefined(locked.find(([path]) => path === "node_modules/onnxruntime-node")![1].hasInstallScript)
  })

  it("has a decision about the install script of every package that has one", () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ""))
    assert.deepStrictEqual(
      names.filter((name) => reviewed[name] === undefined),
      []
    )
  })

  it("warns of nothing in the project's configuration", () => {
    const { status, stderr } = spawnSync("npm", ["pkg", "get", "name"], { cwd: root, encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
    assert.notInclude(stderr, "project config")
  })
})
