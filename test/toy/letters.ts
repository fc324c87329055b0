import { Effect, Schema } from "effect"
import { SampleError } from "../../lib/pipeline/errors.ts"
import { pairFields } from "../../lib/pipeline/pipeline.ts"
import { checkSettings, count, type StageDefinition } from "../../lib/pipeline/settings.ts"
import type { HostStage } from "../../lib/pipeline/stage.ts"
import { integers } from "../../lib/random/integers.ts"
import { permutation } from "../../lib/random/permutation.ts"
import { tensor, value } from "../../lib/tensor/field.ts"

const Settings = Schema.Struct({ count })
const reads = { id: pairFields.id, captions: pairFields.captions }
const adds = { letters: tensor("int32", "letters"), caption: value<string>()("string") }
type Letters = HostStage<"letters", typeof reads, typeof adds, readonly string[]>

/** How often `prepare` ran, by sample id: tests of caches count it. */
export const prepared = new Map<string, number>()

const make = (given: unknown, as = "letters"): Letters => {
  const settings = checkSettings("letters", Settings, given)
  return {
    stage: "letters",
    as,
    kind: "host",
    version: 1,
    settings,
    reads,
    adds,
    sizes: { letters: settings.count },
    codec: {
      encode: (captions) => new TextEncoder().encode(JSON.stringify(captions)),
      decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes))
    },
    prepare: ({ id, captions }) =>
      Effect.suspend(() => {
        prepared.set(id, (prepared.get(id) ?? 0) + 1)
        if (captions[0]!.startsWith("unreadable")) return Effect.fail(new SampleError({ id, reason: "unreadable(toy)" }))
        return Effect.succeed(captions.map((caption) => caption.slice(0, settings.count).padEnd(settings.count)))
      }),
    draw: (captions, key) => {
      const caption = captions[key === null ? 0 : integers(key, 1, 0, captions.length)[0]!]!
      if (caption.startsWith("explodes")) throw new Error("no such letter")
      const at = key === null ? (i: number) => i : permutation(key, settings.count)
      return { letters: Int32Array.from({ length: settings.count }, (_, i) => caption.charCodeAt(at(i))), caption }
    }
  }
}

/** A host stage: the first letters of a caption, which key and epoch choose and shuffle. */
export const letters = (settings: { readonly count: number }, as?: string): Letters => make(settings, as)

export const definition: StageDefinition = { name: "letters", settings: Settings, make }
