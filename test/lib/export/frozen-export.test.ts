import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { openStages } from "../../../lib/data/host/ready-stage.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { exportModel, namedWeights } from "../../../lib/export/export-model.ts"
import { loadModel } from "../../../lib/export/load-model.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { openModelSession } from "../../../lib/model/model-session.ts"
import { type Pipeline, pairs, pipelineDigest, pipeline as start } from "../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { frozen } from "../../../lib/pipeline/with-weights.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { encode as encodeTensors } from "../../../lib/store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"
import { pinFrozen, readFrozen } from "../../../lib/weights/frozen-file.ts"
import { toHuggingFace } from "../../../lib/weights/hugging-face.ts"
import { stages, tasks } from "../../../pipelines/stages.ts"
import { encode } from "../../../stages/encode/index.ts"
import { dualEncoder } from "../../../stages/encode/model.ts"
import { sizes } from "../../../stages/encode/sizes.ts"
import { patchify } from "../../../stages/patchify/index.ts"
import { tokenize, trained } from "../../../stages/tokenize/index.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { tinyHostContext } from "../task/tiny-model.ts"

const inside = temporaryFolder("frozen-export")
const newFolder = (): string => join(mkdtempSync(join(inside, "e-")), "model")
const model = dualEncoder(sizes.tiny, { vocabulary: 400 })

/** Two encoders and nothing else: no teacher, no losses. */
const begun = start("plain", pairs("embedded:emoji"))
  .pipe(tokenize({ vocabulary: trained({ size: 400 }), length: 12 }))
  .pipe(patchify({ size: 32, patch: 8 }))
  .pipe(encode({ model, passes: ["whole"] }))
const training = trainSettings({ batch: 4, steps: 1, learningRate: 0.001 })
const plain = begun.train(training)
const withElder = (from: string): Pipeline =>
  begun.pipe(frozen(encode({ model, passes: ["whole"] }), { name: "elder", from })).train(training)

/** The file of an exported model with random weights, as Hugging Face names them. */
const elderModel = () => {
  const folder = newFolder()
  mkdirSync(folder)
  const layout = parameterLayout(plain)
  const student = initialState(plain, layout, 1).get("student") as Float32Array
  const weights = [...toHuggingFace(namedWeights(layout, "student", { student }))]
  const tensors = weights.map(([name, weight]): [string, StoredTensor] => [name, { dtype: "F32", ...weight }])
  writeFileSync(join(folder, "model.safetensors"), encodeTensors(new Map(tensors)))
  return { folder, student, layout }
}

const exported = Effect.fnUntraced(function* (pipeline: Pipeline, seed: number) {
  const folder = newFolder()
  const layout = parameterLayout(pipeline)
  const student = initialState(pipeline, layout, seed).get("student") as Float32Array
  const host = yield* openStages(pipeline, tinyHostContext)
  const given = { pipeline, layout, student, frozen: yield* readFrozen(pipeline), host, engine: onnx }
  const said = { who: "student", step: 3, digest: pipelineDigest(pipeline), credits: [], measured: {}, tasks } as const
  yield* exportModel(folder, { ...given, ...said })
  return { folder, student }
}, Effect.scoped)

layer(NodeServices.layer, { excludeTestServices: true })("an exported model", (it) => {
  it.effect(
    "of a pipeline with a frozen set stands alone: with the file that the set is read from, which must stay as it is",
    () =>
      Effect.gen(function* () {
        const elder = elderModel()
        const pinned = yield* pinFrozen(withElder(elder.folder))
        const { folder, student } = yield* exported(pinned, 2)
        const source = readFileSync(join(elder.folder, "model.safetensors"))
        rmSync(elder.folder, { recursive: true })
        const names = ["README.md", "config.json", "frozen-elder.safetensors", "model.safetensors", "onnx", "tokenizer.json"]
        assert.deepStrictEqual(readdirSync(folder).sort(), names)
        const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))
        assert.strictEqual(config.files["frozen-elder.safetensors"], sha256(source))
        assert.deepStrictEqual(config.pipeline.stages.at(-1).weights, {
          frozen: "elder",
          from: "frozen-elder.safetensors",
          digest: sha256(source)
        })
        const loaded = yield* loadModel(folder, { stages, tasks })
        assert.strictEqual(pipelineDigest(loaded.pipeline).length, 64)
        assert.deepStrictEqual(loaded.student, student)
        const session = yield* openModelSession(onnx, loaded.layout, loaded, { threads: 1 })
        const { buffer, slots } = setOf(loaded.layout, "elder")!
        const numbers = yield* session.read(buffer)
        for (const { name, offset, size } of slots) {
          const theirs = elder.layout.slots.find((slot) => slot.name === name)!
          const expected = elder.student.subarray(theirs.offset, theirs.offset + size)
          assert.deepStrictEqual(numbers.subarray(offset, offset + size), expected, name)
        }
        const file = join(folder, "frozen-elder.safetensors")
        writeFileSync(file, readFileSync(join(folder, "model.safetensors")))
        const { message } = yield* Effect.flip(loadModel(folder, { stages, tasks }))
        assert.match(message, /^[^\n]*frozen-elder\.safetensors: its SHA-256 is [0-9a-f]{12}…, but config\.json says /)
      }).pipe(Effect.scoped),
    120_000
  )
})
