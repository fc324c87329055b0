import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { prepareForOnnx } from "../../../../lib/compiler/onnx/passes.ts"
import { optimise } from "../../../../lib/compiler/optimise.ts"
import { passes } from "../../../../lib/compiler/passes/table.ts"
import type { Program } from "../../../../lib/compiler/program.ts"
import { verify } from "../../../../lib/compiler/verify.ts"
import { feedsOf } from "../../../laws/case.ts"
import { difference } from "../../../laws/close.ts"
import { expectedOf } from "../../../laws/engine.ts"
import { gradientCases } from "../../../laws/gradient-cases.ts"
import { opCases } from "../../../laws/op-cases.ts"
import { randomProgram } from "../../../laws/random-program.ts"
import { seed } from "../../../seed.ts"

const all = {
  ...passes,
  "all of them": (program: Program) => optimise(program),
  "those for onnx": (program: Program) => prepareForOnnx(program)
}

const changed = (before: Program, pass: (program: Program) => Program): string | undefined => {
  const feeds = feedsOf(before)
  return difference(expectedOf(verify(pass(before), "pass"), feeds), expectedOf(before, feeds), 1e-5)
}

for (const [name, pass] of Object.entries(all))
  describe(`pass ${name} changes no results`, () => {
    it("of ops and gradients", () => {
      const faults = [...opCases, ...gradientCases].flatMap((one) => changed(one.program(), pass) ?? [])
      assert.deepEqual(faults, [])
    })
    it("of random programs", () => {
      fc.assert(
        fc.property(fc.array(fc.nat(1000), { minLength: 3, maxLength: 45 }), fc.boolean(), (code, gradients) =>
          assert.isUndefined(changed(randomProgram(code, gradients), pass))
        ),
        { seed, numRuns: 60 }
      )
    })
  })
