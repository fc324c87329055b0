import { Effect } from "effect"
import { guardImage, imageLimits } from "../../../lib/data/image-guard.ts"
import { thumbnail } from "../../../lib/html/thumbnail.ts"
import { look } from "../../../lib/inspect/look.ts"
import type { SampleError } from "../../../lib/pipeline/errors.ts"
import { looksOf } from "../../../lib/prepare/fingerprint.ts"
import { type PrepareSettings, prepareDefaults } from "../../../lib/prepare/prepare-settings.ts"
import { storeImage } from "../../../lib/prepare/store-image.ts"
import { decodeDefaults, decodeImage } from "../../../stages/patchify/decode.ts"
import { memorySource } from "../inspect/memory-source.ts"

type Decoder = (image: Buffer) => Effect.Effect<unknown, SampleError>

const training =
  (shorter: number, transform: "fast" | "accurate"): Decoder =>
  (image) =>
    decodeImage("s", image, { ...decodeDefaults, shorter, transform })

const stored =
  (changed: Partial<PrepareSettings>): Decoder =>
  (image) =>
    Effect.flatMap(guardImage("s", image), (guarded) => storeImage("s", guarded, { ...prepareDefaults, ...changed }))

/** Whoever decodes images that are untrusted, by name; an image is corrupt for all of them or for none. */
export const decoders: Record<string, Decoder> = {
  "training, fast": training(512, "fast"),
  "training, accurate": training(512, "accurate"),
  "training, made smaller": training(10, "fast"),
  "prepare, fast": stored({}),
  "prepare, fast, made smaller": stored({ size: 16 }),
  "prepare, accurate": stored({ transform: "accurate" }),
  "prepare, accurate, made smaller": stored({ transform: "accurate", size: 16 }),
  "prepare, accurate, the middle": stored({ transform: "accurate", resize: "center-crop" }),
  "prepare, accurate, the middle made smaller": stored({ transform: "accurate", resize: "center-crop", size: 16 }),
  fingerprints: (image) => looksOf("s", image, imageLimits),
  "inspect --lint": (image) => look(memorySource([["s", image, []]]), 0, imageLimits, true)
}

/** A decoder that reads pixels only where it must. */
export const bytesAsTheyAre: Decoder = stored({ resize: "none" })

/** Outcome of each decoder for an image, by name: "decoded" or a kind of reason; and true where a report shows it. */
export const verdicts = (image: Buffer) =>
  Effect.gen(function* () {
    const said: Record<string, string> = {}
    for (const [name, decode] of Object.entries(decoders))
      said[name] = yield* Effect.match(decode(image), {
        onSuccess: () => "decoded",
        onFailure: ({ reason }) => reason.split("(", 1)[0]!
      })
    if ((yield* thumbnail(image, false)) !== undefined) said["report"] = "decoded"
    return said
  })
