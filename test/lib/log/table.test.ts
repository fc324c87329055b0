import { assert, describe, it } from "@effect/vitest"
import { compact } from "../../../lib/log/compact.ts"
import { table } from "../../../lib/log/table.ts"

describe("table", () => {
  it("lines columns up, without spaces at the end", () => {
    assert.strictEqual(
      table(
        ["name", "n"],
        [
          ["é", "1"],
          ["longer", ""]
        ]
      ),
      "name    n\né       1\nlonger"
    )
  })
})

describe("compact", () => {
  it("gives three digits and a unit", () => {
    assert.deepStrictEqual(
      [0, 7, 999, 1000, 1234, 999_999, 1e6, 5.4321e10, 2e18].map((n) => compact(n, "B")),
      ["0 B", "7 B", "999 B", "1.00 kB", "1.23 kB", "1.00e+3 kB", "1.00 MB", "54.3 GB", "2.00e+3 PB"]
    )
  })
})
