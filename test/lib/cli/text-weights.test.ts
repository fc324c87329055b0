import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Exit, FileSystem } from "effect"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { loadRun } from "../../../lib/run-folder/load-run.ts"
import { decode, encode } from "../../../lib/store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"
import { semmimOf } from "../../../pipelines/semmim.ts"
import { vocabularyFile } from "../../../stages/tokenize/index.ts"
import { textStates } from "../weights/text-states.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"

const bert = fileURLToPath(new URL("../../golden/bert", import.meta.url))
const golden = decode(readFileSync(join(bert, "states.safetensors")))
const texts: readonly string[] = JSON.parse(golden.metadata.get("texts")!)

/** A pipeline of the golden BERT's width and layers, with its own heads and a vocabulary learnt from captions. */
const small = semmimOf("small", {
  source: { train: "embedded:emoji-tiny", heldOut: null },
  size: {
    width: 16,
    heads: 2,
    imageLayers: 1,
    textLayers: 2,
    fusionLayers: 1,
    embedding: 8,
    space: { hidden: 16, projection: 8, dimensions: 16 },
    decoder: { width: 8, heads: 2, layers: 1 }
  },
  image: 32,
  patch: 8,
  length: 12,
  vocabulary: 85,
  contrastive: { queue: 16 },
  augment: null,
  training: { batch: 4, steps: 1, learningRate: 0 }
})
const cli: CliTables = { ...tinyCli, pipelines: { small: async () => small } }
const fitting = ["--set", "encode.model.text.heads=4", "--set", "encode.model.text.maxPositions=24"]

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
/** A copy of the golden BERT that may be changed. */
const copied = Effect.map(folder, (inside) => {
  const copy = join(inside, "bert")
  cpSync(bert, copy, { recursive: true })
  return copy
})
const run = (inside: string, weights: string, ...more: readonly string[]) =>
  captured(
    cli,
    ...quickRun(1, ["--set", "learningRate=0", "--out", join(inside, "run"), "--cache", join(inside, "cache")], "small"),
    ...["--text-weights", weights],
    ...more
  )
const reason = ({ exit }: { readonly exit: Exit.Exit<unknown, unknown> }): string =>
  Exit.isFailure(exit) ? String((Cause.squash(exit.cause) as Error).message) : "it ran"
const changedConfig = (at: string, change: object) => {
  const file = join(at, "config.json")
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }))
}
const changedWeights = (at: string, change: (tensors: Map<string, StoredTensor>) => void) => {
  const file = join(at, "model.safetensors")
  const tensors = new Map(decode(readFileSync(file)).tensors)
  change(tensors)
  writeFileSync(file, encode(tensors))
}
/** Few enough letters that a vocabulary of 85 pieces can be learnt. */
const learnt = ["--set", "tokenize.vocabulary.alphabet=abc"]

layer(NodeServices.layer)("a run that starts from a BERT's folder", (it) => {
  it.effect("has its vocabulary, its heads and its states, and hides words behind its [MASK]", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const out = join(inside, "run")
      const { exit, text } = yield* run(inside, bert, ...fitting)
      assert.isTrue(Exit.isSuccess(exit), text)
      const model = yield* loadRun(out, cli)
      const recorded = JSON.parse(readFileSync(join(out, "pipeline.json"), "utf8"))
      const { tokenize, mask } = Object.fromEntries(
        recorded.pipeline.stages.map((stage: { as: string; settings: unknown }) => [stage.as, stage.settings])
      )
      const { vocabulary } = tokenize
      assert.deepInclude(vocabulary, { _tag: "file", path: join(bert, "tokenizer.json"), size: 85 })
      assert.deepStrictEqual(mask.text.special, { pad: 0, unknown: 5, cls: 6, sep: 7, mask: 8 })
      assert.deepStrictEqual(recorded.weights, { text: bert })
      assert.deepStrictEqual(readFileSync(join(out, "tokenizer.json")), readFileSync(join(bert, "tokenizer.json")))

      const { states, ids, mask: real } = Object.fromEntries(golden.tensors)
      const feeds = { tokens: ids!.data as Int32Array, tokenMask: Uint8Array.from(real!.data as Int32Array) }
      for (const engine of [reference, onnx]) {
        const found = yield* textStates(engine, model, feeds)
        assert.strictEqual(found.length, states!.data.length)
        const furthest = found.reduce((most, x, i) => Math.max(most, Math.abs(x - Number(states!.data[i]))), 0)
        assert.isBelow(furthest, 1e-5, engine.name)
      }
      assert.lengthOf(texts, 4)
    })
  )

  it.effect("goes on and is exported without being told where it came from", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const weights = yield* copied
      const out = join(inside, "run")
      assert.isTrue(Exit.isSuccess((yield* run(inside, weights, ...fitting)).exit))
      const again = quickRun(2, ["--set", "learningRate=0", "--out", out, "--cache", join(inside, "cache"), "--resume"], "small")
      const resumed = yield* captured(cli, ...again, ...fitting)
      assert.isTrue(Exit.isSuccess(resumed.exit), reason(resumed))
      assert.deepStrictEqual(JSON.parse(readFileSync(join(out, "pipeline.json"), "utf8")).weights, { text: weights })
      // Nothing but the run is needed from here on.
      rmSync(weights, { recursive: true })
      const exported = yield* captured(cli, "export", out, "--out", join(inside, "model"))
      assert.isTrue(Exit.isSuccess(exported.exit), reason(exported))
      assert.deepStrictEqual(readFileSync(join(inside, "model", "tokenizer.json")), readFileSync(join(bert, "tokenizer.json")))
    })
  )

  it.effect("is refused with both numbers of heads, of parts that start from it", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      assert.strictEqual(
        reason(yield* run(inside, bert, "--set", "encode.model.text.maxPositions=24")),
        `${join(bert, "model.safetensors")}: its config.json says 4 attention heads, but the text encoder has 2 (--set encode.model.text.heads=4)`
      )
      const shorter = [...fitting, "--set", "encode.model.text.layers=1"]
      assert.include(
        reason(yield* run(inside, bert, ...shorter)),
        "its config.json says 4 attention heads, but the fusion, whose text stream starts from its last layers, has 2 (--set fuse.fusion.heads=4)"
      )
      const { exit } = yield* run(inside, bert, ...shorter, "--set", "fuse.fusion.heads=4")
      assert.isTrue(Exit.isSuccess(exit))
    })
  )

  it.effect("is refused where its config says what shapes do not tell and is not so here", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const weights = yield* copied
      const cases = [
        [{ hidden_act: "gelu_new" }, "hidden_act 'gelu_new', but here it is 'gelu'"],
        [{ position_embedding_type: "relative_key" }, "position_embedding_type 'relative_key', but here it is 'absolute'"],
        [{ model_type: "roberta" }, "model_type 'roberta', and it is taken for a 'bert'"]
      ] as const
      for (const [change, problem] of cases) {
        cpSync(bert, weights, { recursive: true })
        changedConfig(weights, change)
        assert.include(reason(yield* run(inside, weights, ...fitting)), `its config.json says ${problem}`)
      }
      rmSync(join(weights, "config.json"))
      assert.strictEqual(
        reason(yield* run(inside, weights, ...fitting)),
        `${weights}: has no config.json, which says how many attention heads its layers have`
      )
    })
  )

  it.effect("needs a vocabulary in it, and of a size that the model has", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const weights = yield* copied
      assert.strictEqual(
        reason(
          yield* run(
            inside,
            weights,
            ...fitting,
            "--set",
            "encode.model.text.vocabulary=80",
            "--set",
            "tokenize.vocabulary.size=80",
            "--set",
            "mask.text.vocabulary=80"
          )
        ),
        `${join(weights, "tokenizer.json")}: it has 85 ids, but the pipeline says 80`
      )
      const vocabulary = JSON.parse(readFileSync(join(weights, "tokenizer.json"), "utf8"))
      rmSync(join(weights, "tokenizer.json"))
      assert.strictEqual(
        reason(yield* run(inside, weights, ...fitting)),
        `${weights}: has neither tokenizer.json nor vocab.txt, so its words are not known`
      )
      // BERT's own file alone will do.
      const pieces = Object.entries<number>(vocabulary.model.vocab).sort(([, a], [, b]) => a - b)
      writeFileSync(join(weights, "vocab.txt"), pieces.map(([piece]) => `${piece}\n`).join(""))
      const { exit } = yield* run(inside, weights, ...fitting)
      assert.isTrue(Exit.isSuccess(exit))
      const { mask } = Object.fromEntries(
        JSON.parse(readFileSync(join(inside, "run", "pipeline.json"), "utf8")).pipeline.stages.map(
          (stage: { as: string; settings: unknown }) => [stage.as, stage.settings]
        )
      )
      assert.strictEqual(mask.text.special.mask, 8)
    })
  )
})

layer(NodeServices.layer)("a BERT's weights", (it) => {
  const pinned = (path: string) => ["--set", `tokenize.vocabulary=${JSON.stringify(vocabularyFile(path, { size: 85 }))}`]

  it.effect("alone are refused with a vocabulary learnt from captions, and taken with one from a file", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const alone = join(inside, "bert.safetensors")
      cpSync(join(bert, "model.safetensors"), alone)
      const said = reason(yield* run(inside, alone, ...fitting, ...learnt))
      assert.match(
        said,
        /bert\.safetensors: nothing beside it says which words its 85 embeddings are of, and the pipeline's vocabulary of \d+ ids is learnt from the captions: give the folder/
      )
      const { exit } = yield* run(inside, alone, ...fitting, ...pinned(join(bert, "tokenizer.json")))
      assert.isTrue(Exit.isSuccess(exit))
    })
  )

  it.effect("in a file beside their vocabulary are refused with both sizes and the first pieces that differ, or allowed", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const said = reason(yield* run(inside, join(bert, "model.safetensors"), ...fitting, ...learnt))
      assert.match(
        said,
        /its vocabulary \(.*tokenizer\.json\) is not the pipeline's, which is learnt from the captions: 85 ids there and \d+ here; 1 is '\[unused0\]' there and '\[UNK\]' here, 2 is '\[unused1\]' there and '\[CLS\]' here, 3 is/
      )
      const { exit } = yield* run(inside, join(bert, "model.safetensors"), ...fitting, ...learnt, "--allow-faults")
      assert.isTrue(Exit.isSuccess(exit))
    })
  )

  it.effect("are refused with another vocabulary that the pipeline names", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const other = JSON.parse(readFileSync(join(bert, "tokenizer.json"), "utf8"))
      const vocab = other.model.vocab
      ;[vocab["dog"], vocab["beach"]] = [vocab["beach"], vocab["dog"]]
      const path = join(inside, "other.json")
      writeFileSync(path, JSON.stringify(other))
      assert.include(
        reason(yield* run(inside, bert, ...fitting, ...pinned(path))),
        `is not the pipeline's (${path}): 85 ids there and 85 here; 61 is 'dog' there and 'beach' here, 62 is 'beach' there and 'dog' here`
      )
    })
  )

  it.effect("with fewer embeddings than ids are refused", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const weights = yield* copied
      changedWeights(weights, (tensors) => {
        const { shape, data } = tensors.get("embeddings.word_embeddings.weight")!
        const fewer = (data as Float32Array).subarray(0, 80 * shape[1]!)
        tensors.set("embeddings.word_embeddings.weight", { dtype: "F32", shape: [80, shape[1]!], data: fewer })
      })
      assert.include(
        reason(yield* run(inside, weights, ...fitting)),
        `it has 80 word embeddings, but the vocabulary ${join(weights, "tokenizer.json")} has 85 ids`
      )
    })
  )

  it.effect("may lack the masked-word head as a whole, not a part of it", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const weights = yield* copied
      changedWeights(weights, (tensors) => {
        tensors.set("cls.predictions.bias", { dtype: "F32", shape: [85], data: new Float32Array(85) })
      })
      assert.include(reason(yield* run(inside, weights, ...fitting)), "4 missing: cls.predictions.transform")
      renameSync(join(weights, "model.safetensors"), join(weights, "pytorch_model.safetensors"))
      assert.include(reason(yield* run(inside, weights, ...fitting)), `${weights}: has no model.safetensors`)
    })
  )
})
