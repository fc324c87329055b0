import { assert, describe, it } from "@effect/vitest"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { lower } from "../../../../lib/compiler/onnx/lower.ts"
import { noFacts } from "../../../../lib/compiler/onnx/overwriting.ts"
import { trace } from "../../../../lib/compiler/trace.ts"

describe("onnxruntime-node", () => {
  it("stops at the first output, a sequence, with the message that the engine expects, and has written the others by then", async () => {
    const program = trace((t) => ({ outputs: { y: t.input("x", [3], "float32").neg() } }))
    const { model, inputs, outputs } = lower(program, noFacts)
    const session = await InferenceSession.create(model, { graphOptimizationLevel: "disabled" })
    const y = new Float32Array(3)
    const name = outputs.get(program.outputs[0]!.value)!
    const run = session.run(
      { [inputs[0]!]: new Tensor("float32", Float32Array.of(1, 2, 3), [3]) },
      { end: null, [name]: new Tensor("float32", y, [3]) }
    )
    const message = await run.then(
      () => "nothing was thrown",
      (error: Error) => error.message
    )
    await session.release()
    assert.include(message, "Non tensor type is temporarily not supported.")
    assert.deepEqual([...y], [-1, -2, -3])
  })
})
