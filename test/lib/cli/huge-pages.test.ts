import { assert, describe, it } from "@effect/vitest"
import { withHugePages } from "../../../lib/cli/huge-pages.mjs"

describe("withHugePages", () => {
  it("asks glibc for large pages where the tensorflow engine is asked for, in either way of writing it", () => {
    const own = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" }
    assert.deepStrictEqual(withHugePages(["run", "tiny", "--engine", "tensorflow"], {}, "linux"), own)
    assert.deepStrictEqual(withHugePages(["run", "tiny", "--engine=tensorflow"], {}, "linux"), own)
  })

  it("leaves the environment as it is for other engines, other systems, and a user who has decided", () => {
    const env = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" }
    assert.strictEqual(withHugePages(["run", "tensorflow", "--engine", "onnx"], env, "linux"), env)
    assert.strictEqual(withHugePages(["run", "tiny", "--engine", "tensorflow"], env, "linux"), env)
    assert.strictEqual(withHugePages(["run", "tiny", "--engine", "tensorflow"], env, "darwin"), env)
  })

  it("keeps what else glibc is told", () =>
    assert.deepStrictEqual(withHugePages(["--engine=tensorflow"], { GLIBC_TUNABLES: "glibc.malloc.check=1" }, "linux"), {
      GLIBC_TUNABLES: "glibc.malloc.check=1:glibc.malloc.hugetlb=1"
    }))
})
