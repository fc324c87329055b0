import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Exit, FileSystem } from "effect"
import { recorded, recordedToJson } from "../../../lib/explain/recorded.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"

/** BERT's layout: its special pieces are at 0 and from 100 on. */
const lines = (...words: readonly string[]) =>
  ["[PAD]", ...Array.from({ length: 99 }, (_, i) => `[unused${i}]`), "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...words].join("\n")
const letters = "abcdefghijklmnopqrstuvwxyz"
const words = [...letters, ...[...letters].map((letter) => `##${letter}`)]

const place = Effect.gen(function* () {
  const inside = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const vocabulary = join(inside, "vocab.txt")
  writeFileSync(vocabulary, lines(...words))
  const set = ["--set", `tokenize.vocabulary=${JSON.stringify({ _tag: "file", path: vocabulary, size: 512 })}`]
  const cache = ["--cache", join(inside, "cache")]
  return { inside, vocabulary, set, cache, out: join(inside, "run") }
})
const reason = ({ exit }: { readonly exit: Exit.Exit<unknown, unknown> }): string =>
  Exit.isFailure(exit) ? String((Cause.squash(exit.cause) as Error).message) : "it was done"
const wrong = ["--set", "mask.text.special.cls=2", "--set", "mask.text.special.mask=4"]
const problem = "mask.text.special says cls 2, mask 4; the vocabulary has 101 and 103"

layer(NodeServices.layer)("masks of a pipeline with BERT's vocabulary", (it) => {
  it.effect("hide words behind 103 in a run, which says so, and are refused by every command where settings say otherwise", () =>
    Effect.gen(function* () {
      const { set, cache, out, inside } = yield* place
      const run = (...more: readonly string[]) => captured(tinyCli, ...quickRun(1, [...set, ...cache, "--out", out, ...more]))
      assert.include(reason(yield* run(...wrong)), problem)
      assert.strictEqual(reason(yield* run()), "it was done")
      const { stages } = JSON.parse(readFileSync(join(out, "pipeline.json"), "utf8")).pipeline
      const { special } = stages.find(({ as }: { readonly as: string }) => as === "mask").settings.text
      assert.deepStrictEqual(special, { pad: 0, unknown: 100, cls: 101, sep: 102, mask: 103 })
      assert.include(reason(yield* captured(tinyCli, "explain", "tiny", ...set, ...cache, ...wrong)), problem)
      const shards = ["--out", join(inside, "shards"), "--workers", "0"]
      assert.include(reason(yield* captured(tinyCli, "prepare", "tiny", ...set, ...cache, ...wrong, ...shards)), problem)
    })
  )

  it.effect("are those of the stage alone, taken from its pipeline", () =>
    Effect.gen(function* () {
      const { set, cache, inside } = yield* place
      const input = join(inside, "input.json")
      const ids = [101, 104, 105, 106, 107, 108, 109, 110, 111, 102, 0, 0]
      const fields = {
        tokens: recorded("int32", [1, 12], ids),
        tokenMask: recorded(
          "bool",
          [1, 12],
          ids.map((id) => (id === 0 ? 0 : 1))
        ),
        "teacher.imageStates": recorded("float32", [1, 17, 64], new Float32Array(17 * 64)),
        "teacher.textStates": recorded("float32", [1, 12, 64], new Float32Array(12 * 64)),
        "teacher.patchEmbedding": recorded("float32", [1, 16, 32], new Float32Array(16 * 32).fill(0.1)),
        "teacher.textEmbedding": recorded("float32", [1, 32], new Float32Array(32).fill(0.1))
      }
      writeFileSync(input, JSON.stringify(recordedToJson(fields)))
      const stage = (...more: readonly string[]) =>
        captured(tinyCli, "stage", "mask", "--pipeline", "tiny", "--input", input, "--json", ...set, ...cache, ...more)
      const all = ["--set", "mask.text.ratio=1", "--set", "mask.text.hidden=1"]
      const { exit, text } = yield* stage(...all)
      assert.isTrue(Exit.isSuccess(exit), reason({ exit }))
      assert.deepStrictEqual(JSON.parse(text).outputs.maskedTokens.data, [101, 103, 103, 103, 103, 103, 103, 103, 103, 102, 0, 0])
      assert.include(reason(yield* stage(...wrong)), problem)
    })
  )

  it.effect("are those of a run's own vocabulary ever after, which must not change", () =>
    Effect.gen(function* () {
      const { set, cache, out, vocabulary, inside } = yield* place
      const quick = (steps: number, ...more: readonly string[]) =>
        captured(tinyCli, ...quickRun(steps, [...set, ...cache, "--out", out, ...more]))
      assert.strictEqual(reason(yield* quick(2)), "it was done")
      writeFileSync(vocabulary, lines(...words, "more"))
      assert.match(
        reason(yield* quick(4, "--resume")),
        /cannot be resumed: what tokenize opens \(a vocabulary\) has the SHA-256 [0-9a-f]{12}…, the run's has [0-9a-f]{12}…: its file, or the captions/
      )
      const model = ["--model", out, ...cache]
      const commands = [
        ["evaluate", "retrieval", "--data", "embedded:emoji-tiny", "--limit", "4", ...model],
        ["embed", "embedded:emoji-tiny", "--out", join(inside, "embeddings.safetensors"), ...model],
        ["export", out, "--out", join(inside, "exported"), ...cache]
      ] as const
      // The run has its own copy.
      for (const command of commands) assert.strictEqual(reason(yield* captured(tinyCli, ...command)), "it was done", command[0])
      const copy = join(out, "tokenizer.json")
      writeFileSync(copy, readFileSync(copy, "utf8").replace('"##b"', '"##B"'))
      for (const command of commands)
        assert.include(
          reason(yield* captured(tinyCli, ...command)),
          "what tokenize opens (a vocabulary) has the SHA-256",
          command[0]
        )
    })
  )

  it.effect("of a run of before are told from its pipeline.json, and it goes on", () =>
    Effect.gen(function* () {
      const { cache, out } = yield* place
      const quick = (steps: number, ...more: readonly string[]) =>
        captured(tinyCli, ...quickRun(steps, [...cache, "--out", out, ...more]))
      assert.strictEqual(reason(yield* quick(2)), "it was done")
      const file = join(out, "pipeline.json")
      const { assets: _, ...before } = JSON.parse(readFileSync(file, "utf8"))
      writeFileSync(file, JSON.stringify(before))
      const evaluate = ["evaluate", "retrieval", "--data", "embedded:emoji-tiny", "--limit", "4", "--model", out, ...cache]
      assert.strictEqual(reason(yield* captured(tinyCli, ...evaluate)), "it was done")
      assert.strictEqual(reason(yield* quick(4, "--resume")), "it was done")
      assert.hasAllKeys(JSON.parse(readFileSync(file, "utf8")).assets, ["tokenize"])
    })
  )
})
