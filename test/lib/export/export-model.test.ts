import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { hostContextOf } from "../../../lib/data/host/host-context.ts"
import { noCaches } from "../../../lib/data/host/prepared-cache.ts"
import { openStages } from "../../../lib/data/host/ready-stage.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { exportModel } from "../../../lib/export/export-model.ts"
import { loadModel } from "../../../lib/export/load-model.ts"
import { openModelSession } from "../../../lib/model/model-session.ts"
import { pipelineDigest, toData } from "../../../lib/pipeline/pipeline.ts"
import { decode, encode } from "../../../lib/store/safetensors/safetensors.ts"
import { definition as retrieval } from "../../../lib/task/retrieval/index.ts"
import { definition as align } from "../../../stages/align/index.ts"
import { definition as encodeStage } from "../../../stages/encode/index.ts"
import { definition as fuse } from "../../../stages/fuse/index.ts"
import { definition as mask } from "../../../stages/mask/index.ts"
import { definition as patchify } from "../../../stages/patchify/index.ts"
import { definition as tokenize } from "../../../stages/tokenize/index.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { openTinyModel, tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

const tables = { stages: { align, encode: encodeStage, fuse, mask, patchify, tokenize }, tasks: { retrieval } }

const inside = temporaryFolder("export")

const exported = Effect.fn(function* (who: "student" | "teacher") {
  const { source, host, session, student, teacher } = yield* openTinyModel
  const folder = join(mkdtempSync(join(inside, "e-")), "model")
  const shared = { pipeline: tinyPipeline, layout: tinyLayout }
  const model = { ...shared, session, host, source, whole: source, step: 3 }
  const measured = yield* retrieval.measure({ ...model, who, batch: 4, captions: 1, metrics: [] }, tinyPipeline.tasks[0]!)
  const inputs = {
    ...shared,
    student,
    teacher,
    who,
    step: 3,
    digest: pipelineDigest(tinyPipeline),
    host,
    engine: onnx,
    credits: source.credits,
    measured: { retrieval: measured },
    tasks: tables.tasks
  }
  const difference = yield* exportModel(folder, inputs)
  return { folder, inputs, difference, measured, source, student, teacher }
})

layer(NodeServices.layer)("an exported model", (it) => {
  it.effect("has the files of a Hugging Face folder, and ONNX encoders that agree with it", () =>
    Effect.gen(function* () {
      const { folder, inputs, difference } = yield* exported("student")
      assert.deepStrictEqual(readdirSync(folder).sort(), [
        "README.md",
        "config.json",
        "model.safetensors",
        "onnx",
        "tokenizer.json"
      ])
      assert.deepStrictEqual(readdirSync(join(folder, "onnx")).sort(), ["image.onnx", "text.onnx"])
      assert.isBelow(difference, 1e-5)
      const card = readFileSync(join(folder, "README.md"), "utf8")
      assert.include(card, "`pixel_values` float32[batch, 3, 32, 32] → `imageEmbedding` float32[batch, 32]")
      assert.include(card, "`tokenMask` bool[batch, 12]")
      assert.match(card, /\| re-ranked among \d+ \| \d+\.\d/)
      assert.include(card, "CC-BY-4.0")
      const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))
      assert.deepInclude(config.vision_config, { image_size: 32, patch_size: 8, hidden_size: 64, num_attention_heads: 2 })
      const again = yield* Effect.flip(exportModel(folder, inputs))
      assert.include(again.message, "exists already")
    })
  )

  it.effect("is read back bit by bit, with its own vocabulary, and evaluates the same", () =>
    Effect.gen(function* () {
      const { folder, measured, source, student } = yield* exported("student")
      const model = yield* loadModel(folder, tables)
      assert.deepStrictEqual(model.student, student)
      assert.deepStrictEqual(
        toData(model.pipeline).stages.slice(1),
        JSON.parse(JSON.stringify(toData(tinyPipeline).stages.slice(1)))
      )
      const nothing = () => Effect.die("the corpus is not needed")
      const host = yield* openStages(model.pipeline, hostContextOf("none", nothing, noCaches))
      const session = yield* openModelSession(onnx, model.layout, model, { threads: 1 })
      const opened = { session, pipeline: model.pipeline, layout: model.layout, host, source, whole: source, step: null }
      const inputs = { ...opened, who: "student", batch: 4, captions: 1, metrics: [] } as const
      const found = yield* retrieval.measure(inputs, model.pipeline.tasks[0]!)
      assert.deepStrictEqual(found.metrics, measured.metrics)
    })
  )

  it.effect("can be the teacher's weights, with the student's where the teacher has none", () =>
    Effect.gen(function* () {
      const { folder, student, teacher } = yield* exported("teacher")
      const model = yield* loadModel(folder, tables)
      for (const { name, offset, size, hasTeacher } of tinyLayout.slots) {
        const expected = (hasTeacher ? teacher : student).subarray(offset, offset + size)
        assert.deepStrictEqual(model.student.subarray(offset, offset + size), expected, name)
      }
    })
  )

  it.effect("is refused once its vocabulary or a setting of its pipeline was edited, and read without recorded digests", () =>
    Effect.gen(function* () {
      const { folder } = yield* exported("student")
      const [vocabulary, config] = [join(folder, "tokenizer.json"), join(folder, "config.json")]
      const [words, text] = [readFileSync(vocabulary, "utf8"), readFileSync(config, "utf8")]
      const instead = "put it back, or train another pipeline from these weights (run --image-weights, --text-weights)"
      const refusal = Effect.map(Effect.flip(loadModel(folder, tables)), (error) => error.message)

      const swapped = JSON.parse(words)
      const [a = "", b = ""] = Object.keys(swapped.model.vocab).slice(100)
      const ids = swapped.model.vocab
      swapped.model.vocab = { ...ids, [a]: ids[b], [b]: ids[a] }
      writeFileSync(vocabulary, JSON.stringify(swapped))
      assert.match(
        yield* refusal,
        /^[^\n]*tokenizer\.json: its SHA-256 is [0-9a-f]{12}…, but config\.json says [0-9a-f]{12}…: it was changed/
      )
      assert.isTrue((yield* refusal).endsWith(`: it was changed after the export; ${instead}`))
      writeFileSync(vocabulary, words)

      const heads = text.replace('"heads": 2', '"heads": 4')
      assert.notStrictEqual(heads, text)
      writeFileSync(config, heads)
      assert.match(
        yield* refusal,
        /^[^\n]*config\.json: its 'pipeline' has the SHA-256 [0-9a-f]{12}…, but its 'pipeline_sha256' says [0-9a-f]{12}…: a/
      )
      assert.isTrue((yield* refusal).endsWith(`: a setting was edited after the weights were trained; ${instead}`))

      // Written in another way it is the same; older exports have no digests.
      writeFileSync(config, JSON.stringify(JSON.parse(text)))
      yield* loadModel(folder, tables)
      const { pipeline_sha256, files, ...older } = JSON.parse(heads)
      assert.deepStrictEqual(Object.keys(files), ["tokenizer.json"])
      writeFileSync(config, JSON.stringify(older))
      yield* loadModel(folder, tables)
    })
  )

  it.effect("is refused with every name that does not fit", () =>
    Effect.gen(function* () {
      const { folder } = yield* exported("student")
      const file = join(folder, "model.safetensors")
      const { tensors } = decode(readFileSync(file))
      const changed = new Map(tensors)
      changed.delete("vit.layernorm.bias")
      changed.set("extra", { dtype: "F32", shape: [1], data: Float32Array.of(1) })
      writeFileSync(file, encode(changed))
      const error = yield* Effect.flip(loadModel(folder, tables))
      assert.strictEqual(error.message, `${file}: 1 missing: vit.layernorm.bias; 1 unexpected: extra`)
    })
  )
})
