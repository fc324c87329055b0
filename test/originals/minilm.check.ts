import { readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import type { CliTables } from "../../lib/cli/tables.ts"
import { onnx } from "../../lib/engine/onnx/engine.ts"
import { reference } from "../../lib/engine/reference/engine.ts"
import { loadRun } from "../../lib/run-folder/load-run.ts"
import { decode } from "../../lib/store/safetensors/safetensors.ts"
import { semmimOf } from "../../pipelines/semmim.ts"
import { sizes } from "../../stages/encode/index.ts"
import { captured } from "../lib/cli/captured.ts"
import { quickRun, tinyCli } from "../lib/cli/tiny-cli.ts"
import { textStates } from "../lib/weights/text-states.ts"
import { temporaryFolder } from "../temporary-folder.ts"
import { minilm } from "./downloads.ts"

const golden = decode(readFileSync(new URL("../golden/minilm.safetensors", import.meta.url)))
const stride = Number(golden.metadata.get("stride"))

/** MiniLM's text encoder (the medium size's, but for its heads), and little else. */
const medium = semmimOf("medium", {
  source: { train: "embedded:emoji-tiny", heldOut: null },
  size: { ...sizes.medium, imageLayers: 1, fusionLayers: 1 },
  image: 32,
  patch: 8,
  length: 16,
  vocabulary: 30_522,
  contrastive: { queue: 16 },
  augment: null,
  training: { batch: 2, steps: 1, learningRate: 0 }
})
const cli: CliTables = { ...tinyCli, pipelines: { medium: async () => medium } }

const inside = temporaryFolder("minilm")

layer(NodeServices.layer)("a run that starts from MiniLM", (it) => {
  it.effect("has its vocabulary and its twelve heads, masks with 103, and its states are the golden ones", () =>
    Effect.gen(function* () {
      const out = join(inside, "run")
      const weights = minilm()
      const run = (...more: readonly string[]) =>
        captured(
          cli,
          ...quickRun(1, ["--set", "batch=2", "--set", "learningRate=0", "--out", out], "medium"),
          "--text-weights",
          weights,
          ...more
        )
      const refused = yield* run()
      assert.include(
        Exit.isFailure(refused.exit) ? String(Cause.squash(refused.exit.cause)) : "",
        "its config.json says 12 attention heads, but the text encoder has 6 (--set encode.model.text.heads=12)"
      )
      const { exit, text } = yield* run("--set", "encode.model.text.heads=12")
      assert.isTrue(Exit.isSuccess(exit), text)
      const { stages } = JSON.parse(readFileSync(join(out, "pipeline.json"), "utf8")).pipeline
      const { special } = stages.find(({ as }: { readonly as: string }) => as === "mask").settings.text
      assert.deepStrictEqual(special, { pad: 0, unknown: 100, cls: 101, sep: 102, mask: 103 })

      const model = yield* loadRun(out, cli)
      const { some, norms, ids, mask } = Object.fromEntries(golden.tensors)
      const feeds = { tokens: ids!.data as Int32Array, tokenMask: Uint8Array.from(mask!.data as Int32Array) }
      for (const engine of [reference, onnx]) {
        const states = yield* textStates(engine, model, feeds)
        const width = 384
        let furthest = 0
        const compare = (found: number, expected: unknown) => {
          furthest = Math.max(furthest, Math.abs(found - Number(expected)))
        }
        for (const [i, x] of some!.data.entries()) compare(states[i * stride]!, x)
        for (const [i, x] of norms!.data.entries()) compare(Math.hypot(...states.subarray(i * width, (i + 1) * width)), x)
        console.info(`${engine.name}: ${states.length} numbers, at most ${furthest.toExponential(1)} from the golden ones`)
        assert.isBelow(furthest, 1e-5, engine.name)
      }
    })
  )
})
