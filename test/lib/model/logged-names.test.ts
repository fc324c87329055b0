import { assert, describe, it } from "vitest"
import { loggedBy, loggedNames } from "../../../lib/model/logged-names.ts"

describe("loggedNames", () => {
  it("leaves a stage's name away where no other stage has the loss or metric", () => {
    const names = loggedNames("p", ["align.itc", "reconstruct.mim", "reconstruct2.mim", "reconstruct.mlm", "teacher.align.seen"])
    assert.deepEqual([...names.values()], ["itc", "reconstruct.mim", "reconstruct2.mim", "mlm", "seen"])
  })

  it("keeps it where every line of metrics has that name for itself", () => {
    assert.strictEqual(loggedNames("p", ["judge.loss"]).get("judge.loss"), "judge.loss")
  })

  it("refuses a loss and a metric of one stage with one name", () => {
    assert.throws(() => loggedNames("p", ["a.b", "c.d", "a.b"]), "'a.b' is a loss and a metric: rename one of them")
  })
})

describe("loggedBy", () => {
  it("finds what a stage logs under either name", () => {
    assert.strictEqual(loggedBy({ mim: 1 }, "reconstruct", "mim"), 1)
    assert.strictEqual(loggedBy({ "reconstruct.mim": 2, "other.mim": 3 }, "reconstruct", "mim"), 2)
    assert.isUndefined(loggedBy({ itc: 1 }, "reconstruct", "mim"))
  })
})
