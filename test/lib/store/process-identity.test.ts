import { assert, describe, it } from "@effect/vitest"
import { processState, thisProcess } from "../../../lib/store/process-identity.ts"

describe("processState", () => {
  it("says that this process is alive, and started before now", () => {
    const self = thisProcess()
    assert.strictEqual(processState(self), "alive")
    assert.isAtMost(Date.parse(self.started), Date.now())
  })

  it("says that a number no process has is dead, and one of another boot or container elsewhere", () => {
    assert.strictEqual(processState({ ...thisProcess(), pid: 2 ** 22 + 1 }), "dead")
    assert.strictEqual(processState({ ...thisProcess(), boot: "another" }), "elsewhere")
    assert.strictEqual(processState({ ...thisProcess(), space: "another" }), "elsewhere")
  })
})
