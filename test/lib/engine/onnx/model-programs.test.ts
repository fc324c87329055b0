import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { overwriteCandidates } from "../../../../lib/compiler/onnx/overwriting.ts"
import { onnx, onnxWith } from "../../../../lib/engine/onnx/engine.ts"
import { loadGraph } from "../../../../lib/engine/onnx/load-graph.ts"
import { probeKernels } from "../../../../lib/engine/onnx/probe.ts"
import { modelProgramFaults, modelProgramLaws } from "../../../laws/model-programs.ts"

modelProgramLaws(onnx)

describe("planned memory that relies on a kernel without asking", () => {
  it.live("gives wrong numbers exactly where the probe would have refused it", () =>
    Effect.gen(function* () {
      // Gelu's input: written over without harm by the kernel for AVX-512 only.
      const table = { ...overwriteCandidates, Gelu: [0] }
      const probed = yield* Effect.promise(() => probeKernels(loadGraph(1), table))
      const forced = onnxWith(() => Effect.succeed({ overwritable: table, inOrder: true }))
      const faults = yield* modelProgramFaults(forced, "images", "student")
      assert.strictEqual(faults.length === 0, probed.overwritable["Gelu"]!.length === 1, faults[0])
    })
  )
})
