import { assert, describe, it } from "@effect/vitest"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { thisProcessor } from "../../../lib/machine/processor.ts"
import { earlierSteps, environmentOf, environmentText, movedLine } from "../../../lib/run-folder/environment.ts"

const here = { engine: "onnx onnxruntime-node 1.30.0", threads: 2, processor: "x64-avx2" }
const at = (step: number, changed: object = {}) => ({ step, ...here, ...changed })
const rounding = "from here on losses and weights differ by rounding from those of a run that stayed, and the difference grows"

describe("the environment of a run's steps", () => {
  it("is the engine with its version, the threads and the kind of processor", () => {
    assert.deepStrictEqual(environmentOf(reference, 3), {
      engine: `reference ${reference.version}`,
      threads: 3,
      processor: thisProcessor().kind
    })
    assert.strictEqual(environmentText(here), "onnx onnxruntime-node 1.30.0, 2 threads, x64-avx2")
    assert.strictEqual(environmentText({ engine: "onnx 1", threads: 1 }), "onnx 1, 1 thread")
  })

  it("is said to be another in one line that names what changed, and from what", () => {
    assert.strictEqual(
      movedLine(at(200, { processor: "x64-avx512+vnni" }), here),
      `step 200 goes on with another kind of processor (x64-avx2, before x64-avx512+vnni): ${rounding}`
    )
    assert.strictEqual(
      movedLine(at(8, { threads: 4 }), here),
      `step 8 goes on with another number of threads (2, before 4): ${rounding}`
    )
    assert.strictEqual(
      movedLine(at(8, { engine: "onnx onnxruntime-node 1.29.0", threads: 1, processor: "arm64-neon" }), here),
      "step 8 goes on with another engine (onnx onnxruntime-node 1.30.0, before onnx onnxruntime-node 1.29.0), " +
        `another number of threads (2, before 1) and another kind of processor (x64-avx2, before arm64-neon): ${rounding}`
    )
  })

  it("is not mentioned where it is the same and where no step was done", () => {
    assert.isUndefined(movedLine(at(200), here))
    assert.isUndefined(movedLine(at(0, { threads: 4 }), here))
    assert.isUndefined(movedLine({ step: 0, engine: "onnx onnxruntime-node 1.20.0" }, here))
  })

  it("is said to be unknown where a checkpoint does not record it", () => {
    const unknown = "whether losses and weights differ by rounding from those of a run that stayed is unknown"
    const engine = "onnx onnxruntime-node 1.20.0"
    const from = `step 200 goes on from a checkpoint of ${engine} that does not say its`
    assert.strictEqual(movedLine({ step: 200, engine }, here), `${from} number of threads and kind of processor: ${unknown}`)
    assert.strictEqual(movedLine({ step: 200, engine, processor: "x64" }, here), `${from} number of threads: ${unknown}`)
    assert.strictEqual(movedLine({ step: 200, engine, threads: 2 }, here), `${from} kind of processor: ${unknown}`)
  })

  it("is kept of all steps that were computed elsewhere, in order", () => {
    assert.deepStrictEqual(earlierSteps(undefined, here), [])
    assert.deepStrictEqual(earlierSteps(at(200), here), [])
    assert.deepStrictEqual(earlierSteps(at(0, { threads: 9 }), here), [])
    const first = { until: 100, engine: "reference", threads: 1, processor: "arm64-neon" }
    const moved = earlierSteps({ ...at(200, { threads: 4 }), earlier: [first] }, here)
    assert.deepStrictEqual(moved, [first, { until: 200, ...here, threads: 4 }])
    assert.deepStrictEqual(earlierSteps({ ...at(300), earlier: moved }, here), moved)
    assert.deepStrictEqual(earlierSteps({ step: 7, engine: "onnx" }, here), [{ until: 7, engine: "onnx" }])
  })
})
