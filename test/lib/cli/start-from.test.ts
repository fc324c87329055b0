import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Exit, FileSystem } from "effect"
import { checkpointFolder } from "../../../lib/run-folder/checkpoint.ts"
import { loadRun } from "../../../lib/run-folder/load-run.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
const reason = ({ exit }: { readonly exit: Exit.Exit<unknown, unknown> }): string =>
  Exit.isFailure(exit) ? String((Cause.squash(exit.cause) as Error).message) : "it ran"
const running = (inside: string, out: string, steps: number, ...more: readonly string[]) =>
  Effect.map(captured(tinyCli, ...quickRun(steps, ["--out", out, "--cache", join(inside, "cache"), ...more])), reason)
const recordOf = (run: string) => JSON.parse(readFileSync(join(run, "pipeline.json"), "utf8"))

layer(NodeServices.layer)("a run that starts from a run's folder", (it) => {
  it.effect(
    "begins with its student, its teacher and its vocabulary, records their digest, and goes on without them",
    () =>
      Effect.gen(function* () {
        const inside = yield* folder
        const [first, second] = [join(inside, "first"), join(inside, "second")]
        assert.strictEqual(yield* running(inside, first, 2), "it ran")
        assert.strictEqual(yield* running(inside, second, 1, "--from", first), "it ran")
        const source = yield* loadRun(first, tinyCli)
        const started = yield* loadRun(second, tinyCli, 0)
        assert.deepStrictEqual(started.student, source.student)
        assert.deepStrictEqual(started.teacher, source.teacher)
        assert.notDeepEqual(source.teacher, source.student.subarray(0, source.teacher!.length))
        const { weights, pipeline } = recordOf(second)
        const file = join(checkpointFolder(first, 2), "model.safetensors")
        assert.deepStrictEqual(weights, { from: first, "from.step": "2", "from.sha256": sha256(readFileSync(file)) })
        assert.strictEqual(pipeline.stages[0].settings.vocabulary.path, join(first, "tokenizer.json"))
        renameSync(join(first, "checkpoints"), join(first, "gone"))
        assert.strictEqual(yield* running(inside, second, 2, "--resume"), "it ran")
        assert.deepStrictEqual(recordOf(second).weights, weights)
        assert.strictEqual(
          yield* running(inside, second, 3, "--resume", "--from", inside),
          `--from ${inside}: the run started from ${first}`
        )
      }),
    300_000
  )

  it.effect(
    "lists what does not fit, starts where that is allowed, and resizes position embeddings",
    () =>
      Effect.gen(function* () {
        const inside = yield* folder
        const [first, model] = [join(inside, "first"), join(inside, "model")]
        assert.strictEqual(yield* running(inside, first, 1), "it ran")
        assert.isTrue(Exit.isSuccess((yield* captured(tinyCli, "export", first, "--out", model)).exit))
        const space = ["--set", "encode.model.image.layers=1"]
        assert.match(
          yield* running(inside, join(inside, "other"), 1, "--from", model, ...space),
          /^.*model: \d+ unexpected: vit\.encoder\.layer\.1\..* and \d+ more; --allow unexpected starts all the same$/
        )
        const larger = ["--set", "patchify.size=48", ...space]
        const third = join(inside, "third")
        assert.strictEqual(yield* running(inside, third, 1, "--from", model, "--allow", "unexpected", ...larger), "it ran")
        const [source, started] = [yield* loadRun(first, tinyCli), yield* loadRun(third, tinyCli, 0)]
        const part = ({ layout, student }: typeof source, name: string) => {
          const slot = layout.slots.find((each) => each.name === name)!
          return { shape: slot.shape, data: student.subarray(slot.offset, slot.offset + slot.size) }
        }
        const query = "vit.encoder.layer.0.attention.attention.query.weight"
        assert.deepStrictEqual(part(started, query), part(source, query))
        const positions = "vit.embeddings.position_embeddings"
        assert.deepStrictEqual([part(source, positions).shape[1], part(started, positions).shape[1]], [17, 37])
      }),
    300_000
  )

  it.effect("is told in one line what its flags may be", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const out = join(inside, "run")
      assert.include(
        yield* running(inside, out, 1, "--from", inside, "--allow", "everything"),
        "--allow everything: expected some of"
      )
      assert.include(yield* running(inside, out, 1, "--allow", "missing"), "--allow missing: says what may not fit with --from")
      assert.include(
        yield* running(inside, out, 1, "--from", inside, "--text-weights", inside),
        "--from starts from a whole model"
      )
      assert.include(yield* running(inside, out, 1, "--from", inside), "has no run in it (no pipeline.json)")
    })
  )
})
