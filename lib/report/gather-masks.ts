import { Effect } from "effect"
import type { NamedNumbers } from "../engine/engine.ts"
import { stack } from "../model/batches.ts"
import { fieldsProgram } from "../model/fields-program.ts"
import { noiseFeeds } from "../model/noise-feeds.ts"
import { derive, key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"
import type { MaskExample } from "./data.ts"
import { fed, gridOf, traced } from "./report-program.ts"
import type { Shown, Subject } from "./subject.ts"

const draws = 32

const randomMask = (hidden: Uint8Array, id: string, seed: number): Uint8Array => {
  const count = hidden.reduce((sum, one) => sum + one, 0)
  const at = permutation(derive(key(seed), "report", "random mask", id), hidden.length)
  const mask = new Uint8Array(hidden.length)
  for (let i = 0; i < count; i++) mask[at(i)] = 1
  return mask
}

/**
 * Computes the pipeline's own mask of some samples and a random one of the same size, and how frequently each patch is masked in
 * 32 draws. None where the pipeline masks no patches. Fails with an `EvaluateError` or an `EngineError`.
 */
export const maskExamples = Effect.fn("report.maskExamples")(function* (subject: Subject, samples: readonly Shown[]) {
  const { session, pipeline, layout } = subject
  const grid = gridOf(pipeline.sizes["patches"] ?? 0)
  if (!grid || !Object.hasOwn(pipeline.fields, "imageMask")) return []
  const program = yield* traced("masks", () => fieldsProgram(pipeline, layout, draws, "student", ["imageMask"]))
  const executable = yield* session.compile("report.masks", program)
  const host = fed(program).filter((name) => !name.includes("/"))
  const byText = host.some((name) => name.startsWith("token"))
  const { seed } = pipeline.training
  const examples: MaskExample[] = []
  for (const { id, caption, image, values } of samples) {
    const keys = Array.from({ length: draws }, (_, draw) => derive(key(seed), "report", id, draw))
    const rows: NamedNumbers = stack(
      Array.from({ length: draws }, () => values),
      host
    )
    const feeds = { ...rows, ...noiseFeeds(program, pipeline.stages, keys) }
    const masks = (yield* executable.run(feeds))["imageMask"] as Uint8Array // bool
    const patches = masks.length / draws
    const hidden = masks.slice(0, patches)
    const frequency = Float32Array.from({ length: patches }, (_, patch) =>
      keys.reduce((sum, _, draw) => sum + masks[draw * patches + patch]! / draws, 0)
    )
    const own = { name: byText ? "text-guided" : "the pipeline's", hidden }
    const random = { name: "random", hidden: randomMask(hidden, id, seed) }
    examples.push({ id, caption, image, grid, frequency, masks: [own, random] })
  }
  return examples
})
