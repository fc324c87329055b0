import { Schema } from "effect"
import { type Bound, checkSettings, count, type Known, modelName, SettingsError, setting } from "../../lib/pipeline/settings.ts"
import { kinds } from "./kinds.ts"

/** Cross-modal layers as data. */
export const Fusion = Schema.Struct({
  /** Prefix of its parameters' names. */
  name: setting(modelName, "fusion"),
  kind: setting(Schema.Literals(Object.keys(kinds) as readonly (keyof typeof kinds)[]), "coAttention"),
  layers: count,
  width: count,
  heads: count,
  ratio: setting(count, 4)
}).annotate({ identifier: "fusion" })
export type Fusion = typeof Fusion.Type

/** Throws a `SettingsError` where a width does not divide into heads. */
export const checkFusion = (fusion: Fusion): Fusion => {
  if (fusion.width % fusion.heads === 0) return fusion
  const problem = `fusion: a width of ${fusion.width} does not divide into ${fusion.heads} heads`
  throw new SettingsError({ stage: "fusion", problem })
}

const Options = Schema.Struct({ name: Fusion.fields.name, kind: Fusion.fields.kind, heads: Schema.optionalKey(count) })

/** Values of a named size (encode/sizes.ts) that a fusion uses. */
export interface FusionSize {
  readonly width: number
  readonly heads: number
  readonly fusionLayers: number
}

/**
 * Returns cross-modal layers of a named size: by default two-stream co-attention with the size's heads. Throws a `SettingsError`.
 */
export const crossModal = <const S extends Bound<typeof Options.Encoded>>(
  { width, heads, fusionLayers }: FusionSize,
  options: Known<"crossModal", typeof Options.Encoded, S> = {} as never
): Fusion => checkFusion({ layers: fusionLayers, width, heads, ratio: 4, ...checkSettings("crossModal", Options, options) })
