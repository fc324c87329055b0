import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { executionOrder, inOrder } from "../../../../lib/compiler/onnx/execution-order.ts"
import { valueInfo } from "../../../../lib/compiler/onnx/graph.ts"
import { encodeModel, type NodeProto } from "../../../../lib/compiler/onnx/messages.ts"
import { seed } from "../../../seed.ts"

/** A graph of additions: node i reads two of the tensors before it, as the code says. */
const graphOf = (code: readonly (readonly [number, number])[]): readonly NodeProto[] =>
  code.map(([a, b], i) => ({
    name: `n${i}`,
    opType: "Add",
    input: [`v${a % (i + 1)}`, `v${b % (i + 1)}`],
    output: [`v${i + 1}`],
    attribute: []
  }))

const graphs = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 40 }).map(graphOf)
const own = (nodes: readonly NodeProto[], order: readonly number[]): readonly string[] =>
  order.map((i) => nodes[i]!.name).filter((name) => name.startsWith("n"))

/** The names of nodes in the order in which ONNX Runtime itself runs them, as its profile tells. */
const profiled = async (nodes: readonly NodeProto[], folder: string): Promise<readonly string[]> => {
  const type = { shape: [2], dtype: "float32" } as const
  const model = encodeModel({
    name: "g",
    node: nodes,
    initializer: [],
    input: [valueInfo("v0", type)],
    output: [valueInfo("v1", type)]
  })
  const profile = { enableProfiling: true, profileFilePrefix: join(folder, "profile") }
  const session = await InferenceSession.create(model, { graphOptimizationLevel: "disabled", logSeverityLevel: 4, ...profile })
  await session.run({ v0: new Tensor("float32", new Float32Array(2), [2]) })
  session.endProfiling()
  await session.release()
  const [file] = await readdir(folder)
  const events = JSON.parse(await readFile(join(folder, file!), "utf8")) as { cat: string; name: string }[]
  await rm(join(folder, file!))
  return events
    .filter(({ cat, name }) => cat === "Node" && /^n\d+_kernel_time$/.test(name))
    .map(({ name }) => name.replace("_kernel_time", ""))
}

describe("the order in which ONNX Runtime runs nodes", () => {
  it("is the order wanted, for a model written by inOrder", () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const written = inOrder(nodes)
        assert.deepEqual(
          own(written, executionOrder(written)),
          nodes.map(({ name }) => name)
        )
      }),
      { seed, numRuns: 300 }
    )
  })
  it("is as predicted, by ONNX Runtime's own account", async () => {
    const folder = await mkdtemp(join(tmpdir(), "semmim-order-"))
    try {
      await fc.assert(
        fc.asyncProperty(graphs, async (nodes) => {
          assert.deepEqual(await profiled(nodes, folder), own(nodes, executionOrder(nodes)))
          assert.deepEqual(
            await profiled(inOrder(nodes), folder),
            nodes.map(({ name }) => name)
          )
        }),
        { seed, numRuns: 25 }
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
