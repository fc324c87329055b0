import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { compiled, modules } from "../../../../.ci/build-wasm.ts"

describe("the compiled passes", () => {
  it("are those of the source that lies beside them", async () => {
    for (const module of modules) assert.strictEqual(readFileSync(module.made, "utf8"), await compiled(module))
  })
})
