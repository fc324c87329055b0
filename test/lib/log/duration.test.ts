import { assert, describe, it } from "@effect/vitest"
import { duration } from "../../../lib/log/duration.ts"

describe("duration", () => {
  it.each([
    [0, "0.0s"],
    [0.44, "0.4s"],
    [9.94, "9.9s"],
    [9.96, "10s"],
    [59.4, "59s"],
    [59.6, "1m00s"],
    [187, "3m07s"],
    [3599.6, "1h00m"],
    [7500, "2h05m"],
    [86_390, "1d00h"],
    [273_600, "3d04h"],
    [-3, "-3.0s"],
    [Number.POSITIVE_INFINITY, "?"],
    [Number.NaN, "?"]
  ] as const)("of %d seconds reads %s", (seconds, text) => assert.strictEqual(duration(seconds), text))
})
