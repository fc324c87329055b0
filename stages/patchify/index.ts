import { Effect } from "effect"
import { releaseBuffer } from "../../lib/data/host/buffer-pool.ts"
import type { HostHooks } from "../../lib/data/host/ready-stage.ts"
import { transformFault } from "../../lib/data/turbo-jpeg.ts"
import { defineStage, type TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import { pairFields } from "../../lib/pipeline/pipeline.ts"
import { SettingsError } from "../../lib/pipeline/settings.ts"
import type { HostStage } from "../../lib/pipeline/stage.ts"
import { asBytes, tensor } from "../../lib/tensor/field.ts"
import type { Stored } from "../../lib/tensor/stored.ts"
import { decodeImage } from "./decode.ts"
import { namesSide } from "./names-side.ts"
import { type PreparedImage, preparedImage } from "./prepared.ts"
import { PatchifySettings } from "./settings.ts"
import { drawViews, type ViewSettings } from "./view.ts"

export { gentle, pretraining } from "./settings.ts"

/** Normalisation of patches in the program: (byte / 255 − mean) / deviation as one product and one sum. */
const storedAs = ({ normalisation: { mean, deviation } }: PatchifySettings): Stored => ({
  scale: deviation.map((each) => 1 / (255 * each)),
  shift: mean.map((each, channel) => -each / deviation[channel]!)
})

const imageReads = { id: pairFields.id, image: pairFields.image }
const pairReads = { ...imageReads, captions: pairFields.captions }
const patches = tensor("float32", "patches", "pixels")
const one = { patches }
const two = { patches, secondPatches: patches }

type Reads<S> = S extends { readonly captions: false } ? typeof imageReads : typeof pairReads
type Adds<S> = S extends { readonly views: 2 } ? typeof two : typeof one
interface Patchify extends TypeOfSettings {
  readonly type: HostStage<"patchify", Reads<this["settings"]>, Adds<this["settings"]>, PreparedImage>
}

const viewSettings = ({ augment, output, normalisation, ...settings }: PatchifySettings): ViewSettings => ({
  ...settings,
  normalisation: output === "uint8" ? null : normalisation,
  crop: augment?.crop ?? null,
  flip: augment?.flip ?? 0,
  augment: augment?.operations ?? null
})

const make = (
  settings: PatchifySettings,
  as: string
): HostStage<"patchify", typeof imageReads, typeof one | typeof two, PreparedImage> & HostHooks => {
  const { size, patch, views, kept, decode, captions = true } = settings
  if (size % patch !== 0)
    throw new SettingsError({ stage: "patchify", problem: `patchify.patch: ${patch} does not divide a size of ${size}` })
  const fault = transformFault(decode.transform)
  if (fault !== undefined) throw new SettingsError({ stage: "patchify", problem: `patchify.decode.transform: ${fault}` })
  const view = viewSettings(settings)
  const field = settings.output === "uint8" ? asBytes(patches, storedAs(settings)) : patches
  const shorter = kept === 0 ? Math.ceil(size * Math.SQRT2) : kept
  return {
    stage: "patchify",
    as,
    kind: "host",
    version: 1,
    settings,
    preparedBy: { ...decode, shorter, ...(captions ? {} : { captions }) },
    reads: captions ? pairReads : imageReads,
    adds: views === 2 ? { patches: field, secondPatches: field } : { patches: field },
    sizes: { patches: (size / patch) ** 2, pixels: patch * patch * 3 },
    codec: preparedImage,
    release: ({ image }) => releaseBuffer(image.data),
    prepare: ({
      id,
      image,
      ...texts
    }: {
      readonly id: string
      readonly image: Uint8Array
      readonly captions?: readonly string[]
    }) =>
      Effect.map(decodeImage(id, image, { ...decode, shorter }), (decoded) => ({
        image: decoded,
        mirrorable: !captions || !(texts.captions ?? []).some(namesSide)
      })),
    draw: ({ image, mirrorable }, key) => {
      // Bytes where the field is stored in bytes: the field's type is the one that stages see.
      const [patches, secondPatches] = drawViews(image, key, view, mirrorable, views) as [Float32Array, Float32Array?]
      return secondPatches === undefined ? { patches } : { patches, secondPatches }
    }
  }
}

const kind = defineStage<Patchify>()("patchify", PatchifySettings, make)

/**
 * Decodes an image and cuts one or two views of it into patches, float32[patches, pixels], a patch's pixels in (row, column,
 * channel) order (method.md §1): `patches`, and with `views: 2` also `secondPatches`.
 * With `output: "uint8"` the host makes and feeds bytes, a quarter of the memory, and the program's first step normalises them:
 * the same numbers except for the rounding of one product and one sum.
 * The decoded image is cached; crop, flip and RandAugment are drawn for each view in every epoch, and nothing is random without a
 * key. An image whose captions mention left or right is not mirrored; `captions: false` for samples without captions. Throws a
 * `SettingsError`.
 */
export const patchify = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
