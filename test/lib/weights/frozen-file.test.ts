import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { frozenSetsOf } from "../../../lib/pipeline/frozen-sets.ts"
import { loadPipeline } from "../../../lib/pipeline/load.ts"
import { pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { encode } from "../../../lib/store/safetensors/safetensors.ts"
import { decodeFrozen, pinFrozen, readFrozen } from "../../../lib/weights/frozen-file.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { ruledPipeline, toyPipeline, toyTables } from "../../toy/pipeline.ts"

const inside = temporaryFolder("frozen")
const numbers = Float32Array.from({ length: 30 }, (_, i) => i)
const bytes = encode(new Map([["scales.weight", { dtype: "F32", shape: [5, 6], data: numbers }]]))
const file = join(inside, "weights.safetensors")
const model = join(inside, "model")

writeFileSync(file, bytes)
mkdirSync(model)
writeFileSync(join(model, "model.safetensors"), bytes)

layer(NodeServices.layer)("the file of a frozen set", (it) => {
  it.effect("is a .safetensors file or an exported model's, and its digest is part of the pipeline's, not where it is", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* pinFrozen(ruledPipeline(file)), yield* pinFrozen(ruledPipeline(model))]
      assert.deepStrictEqual([...frozenSetsOf(one).values()], [{ frozen: "ruler", from: file, digest: sha256(bytes) }])
      assert.strictEqual(pipelineDigest(one), pipelineDigest(other))
      assert.notStrictEqual(pipelineDigest(one), pipelineDigest(ruledPipeline(file)))
      assert.notStrictEqual(pipelineDigest(one), pipelineDigest(ruledPipeline(file, { digest: "0".repeat(64) })))
      const weights = (yield* readFrozen(one)).get("ruler")!.get("scales.weight")!
      assert.deepStrictEqual(weights, { shape: [5, 6], data: numbers })
      assert.deepStrictEqual(decodeFrozen(bytes, "it").get("scales.weight"), weights)
    })
  )

  it.effect("is not looked for where a pipeline has no frozen set", () =>
    Effect.gen(function* () {
      const pipeline = toyPipeline()
      assert.strictEqual(yield* pinFrozen(pipeline), pipeline)
      assert.strictEqual((yield* readFrozen(pipeline)).size, 0)
    })
  )

  it.effect("is refused in one line where it has another digest, or a folder has no weights", () =>
    Effect.gen(function* () {
      const wrong = yield* Effect.flip(pinFrozen(ruledPipeline(model, { digest: "1".repeat(64) })))
      assert.match(
        wrong.message,
        /^[^\n]*model\.safetensors: its SHA-256 is [0-9a-f]{12}…, but the frozen set 'ruler' was 111111111111…: [^\n]*$/
      )
      assert.strictEqual(
        (yield* Effect.flip(pinFrozen(ruledPipeline(inside)))).message,
        `${inside}: the frozen set 'ruler' is read from it, but it has neither model.safetensors nor a checkpoint`
      )
    })
  )

  it.effect("survives a pipeline's way through JSON", () =>
    Effect.gen(function* () {
      const pinned = yield* pinFrozen(ruledPipeline(file))
      const loaded = loadPipeline(JSON.parse(JSON.stringify(toData(pinned))), toyTables)
      assert.deepStrictEqual(toData(loaded), toData(pinned))
      assert.strictEqual(pipelineDigest(loaded), pipelineDigest(pinned))
    })
  )
})
