import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem, Option } from "effect"
import { startWeights } from "../../../lib/cli/start-weights.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { loadRun } from "../../../lib/run-folder/load-run.ts"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"
import { writeSafetensors } from "../../../lib/store/safetensors/write-safetensors.ts"
import { toHuggingFace, type Weight, type Weights } from "../../../lib/weights/hugging-face.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { bertVocabulary } from "../../../stages/tokenize/bert-vocabulary.ts"
import { makeTokenizer } from "../../../stages/tokenize/tokenizer.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"

const { slots } = parameterLayout(tiny)

/** A made-up weight: its first number tells it from the others. */
const made = (shape: readonly number[], first: number): Weight => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (first + (i % 7)) / 100)
})
const encoder = (...prefixes: readonly string[]): Weights =>
  toHuggingFace(
    new Map(
      slots.flatMap(({ name, shape }, i) => (prefixes.some((prefix) => name.startsWith(prefix)) ? [[name, made(shape, i)]] : []))
    )
  )
const vit = encoder("vit.")
const bert = encoder("bert.", "cls.")

const write = (file: string, weights: Weights) =>
  writeSafetensors(
    file,
    new Map([...weights].map(([name, { shape, data }]): [string, StoredTensor] => [name, { dtype: "F32", shape, data }]))
  )

/** A folder in Hugging Face's layout: weights, their config, and a vocabulary that fits them. */
const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ..."abcdefghijklmnopqrstuvwxyz"]
const writeFolder = Effect.fnUntraced(function* (inside: string, weights: Weights) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(inside)
  yield* write(join(inside, "model.safetensors"), weights)
  yield* fs.writeFileString(join(inside, "config.json"), JSON.stringify({ model_type: "bert", num_attention_heads: 2 }))
  yield* fs.writeFileString(join(inside, "vocab.txt"), vocabulary.join("\n"))
})
const known = { tokens: { ...makeTokenizer(bertVocabulary(vocabulary.join("\n"))), file: "vocab.txt" } }
const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const starting = (image: string | undefined, text: string | undefined, allowFaults = false) =>
  startWeights(
    { imageWeights: Option.fromUndefinedOr(image), textWeights: Option.fromUndefinedOr(text), allowFaults },
    tiny,
    known
  )

layer(NodeServices.layer)("starting from weights", (it) => {
  it.effect("a run's encoders begin with what the files hold, student and teacher alike", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const [image, text, out] = ["vit.safetensors", "bert", "run"].map((name) => join(inside, name)) as [string, string, string]
      yield* write(image, vit)
      yield* writeFolder(text, bert)
      const files = ["--image-weights", image, "--text-weights", text]
      const still = ["--set", "learningRate=0", "--out", out, "--cache", join(inside, "cache")]
      const { exit } = yield* captured(tinyCli, ...quickRun(1, [...files, ...still]))
      assert.isTrue(Exit.isSuccess(exit))
      const { student, teacher, layout } = yield* loadRun(out, tinyCli)
      const given = yield* starting(image, text)
      assert.isAbove(given.size, 50)
      for (const { name, offset, size, hasTeacher } of layout.slots) {
        const expected = given.get(name)
        if (!expected) continue
        assert.deepStrictEqual(student.subarray(offset, offset + size), expected, name)
        // The teacher's average of two equal numbers may round.
        if (hasTeacher) for (const [i, x] of expected.entries()) assert.closeTo(teacher![offset + i]!, x, 1e-6, name)
      }
    })
  )

  it.effect("what does not fit is refused with every name, or allowed", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "vit.safetensors")
      const wrong = new Map(vit).set("vit.layernorm.bias", made([65], 0))
      wrong.delete("vit.layernorm.weight")
      yield* write(file, wrong)
      const { message } = yield* Effect.flip(starting(file, undefined))
      assert.strictEqual(
        message,
        `${file}: 1 missing: vit.layernorm.weight; 1 misshapen: vit.layernorm.bias is [65], expected [64]`
      )
      const allowed = yield* starting(file, undefined, true)
      assert.isFalse(allowed.has("vit.layernorm.weight"))
      assert.isTrue(allowed.has("vit.embeddings.cls_token"))
    })
  )

  it.effect("numbers that are not finite are refused by file and tensor before any step, whatever is allowed", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const file = join(inside, "vit.safetensors")
      const bad = (value: number): Weights => {
        const { shape, data } = vit.get("vit.layernorm.bias")!
        return new Map(vit).set("vit.layernorm.bias", { shape, data: data.with(3, value) })
      }
      const refused = "no training can start from that; give weights that are finite"
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        yield* write(file, bad(value))
        for (const allowFaults of [false, true]) {
          const { message } = yield* Effect.flip(starting(file, undefined, allowFaults))
          assert.strictEqual(message, `${file}: vit.layernorm.bias is ${value} at 3: ${refused}`)
        }
      }
      // Parts that are not taken may hold anything.
      yield* write(file, new Map(vit).set("pooler.dense.bias", { shape: [1], data: Float32Array.of(Number.NaN) }))
      yield* starting(file, undefined)
      const text = join(inside, "bert")
      const [[name, { shape, data }]] = [...bert] as [[string, Weight]]
      yield* writeFolder(text, new Map(bert).set(name, { shape, data: data.with(0, Number.NaN) }))
      const { message } = yield* Effect.flip(starting(undefined, text))
      assert.strictEqual(message, `${join(text, "model.safetensors")}: ${name} is NaN at 0: ${refused}`)
      const out = join(inside, "run")
      const { exit } = yield* captured(
        tinyCli,
        ...quickRun(1, ["--text-weights", text, "--out", out, "--cache", join(inside, "cache")])
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.isFalse(yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists(join(out, "metrics.jsonl"))))
    })
  )

  it.effect("a ViT's heads are those of its config, where one stands beside it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const inside = yield* folder
      const file = join(inside, "model.safetensors")
      yield* write(file, vit)
      yield* fs.writeFileString(join(inside, "config.json"), JSON.stringify({ model_type: "vit", num_attention_heads: 4 }))
      for (const path of [file, inside]) {
        const { message } = yield* Effect.flip(starting(path, undefined))
        assert.strictEqual(
          message,
          `${file}: its config.json says 4 attention heads, but the image encoder has 2 (--set encode.model.image.heads=4)`
        )
      }
      assert.isTrue((yield* starting(inside, undefined, true)).has("vit.embeddings.cls_token"))
      // One of something else says nothing of a file.
      for (const other of [JSON.stringify({ model_type: "bert", num_attention_heads: 4 }), "no JSON"]) {
        yield* fs.writeFileString(join(inside, "config.json"), other)
        assert.isTrue((yield* starting(file, undefined)).has("vit.embeddings.cls_token"))
        assert.include((yield* Effect.flip(starting(inside, undefined))).message, "config.json")
      }
    })
  )

  it.effect("layers of a BERT that the text encoder has no room for start the fusion's text stream", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "bert.safetensors")
      const longer = new Map(bert)
      for (const [name, { shape }] of bert)
        if (name.startsWith("bert.encoder.layer.0.")) longer.set(name.replace("layer.0", "layer.1"), made(shape, 50))
      yield* write(file, longer)
      const given = yield* starting(undefined, file)
      assert.closeTo(given.get("fusion.text.layer.0.intermediate.dense.bias")![0]!, 0.5, 1e-6)
    })
  )
})
