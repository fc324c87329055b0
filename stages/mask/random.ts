import { Schema } from "effect"
import { type Bound, checkSettings, fraction, type Known, setting } from "../../lib/pipeline/settings.ts"
import { named } from "../../lib/tensor/tensor.ts"
import { largest, maskedCount } from "./choice.ts"
import type { ImageStrategy } from "./image.ts"
import { orderNoise } from "./noise.ts"

const settings = { ratio: setting(fraction, 0.75) }
const Settings = Schema.Struct(settings)

/** Settings of the random strategy, as data. */
export const Random = Schema.TaggedStruct("random", settings)
export type Random = typeof Random.Type

/** Masks exactly round(ratio · N) patches, uniformly (He et al. 2022). Throws a `SettingsError`. */
export const random = <const S extends Bound<typeof Settings.Encoded>>(
  settings: Known<"random", typeof Settings.Encoded, S> = {} as never
): Random => ({
  _tag: "random",
  ...checkSettings("random", Settings, settings)
})

/** The strategy's row. */
export const randomStrategy = ({ ratio }: Random): ImageStrategy => ({
  reads: {},
  noise: { maskOrder: orderNoise("patches") },
  choose: ({ noise, sizes }) =>
    largest(named(noise["maskOrder"]!, "batch", "patches"), maskedCount(ratio, sizes["patches"]!), "masked")
})
