import { assert, describe, it } from "@effect/vitest"
import { figure } from "../../../lib/log/figure.ts"

describe("figure", () => {
  it.each([
    [0, "0"],
    [7, "7"],
    [12_345, "12345"],
    [0.031_25, "0.0313"],
    [1.234, "1.23"],
    [45.64, "45.6"],
    [1234.56, "1235"],
    [12_345_678, "1.2e+7"],
    [1e-5, "1e-5"],
    [-0.000_123, "-1.2e-4"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"]
  ] as const)("of %d reads %s", (value, text) => assert.strictEqual(figure(value), text))
})
