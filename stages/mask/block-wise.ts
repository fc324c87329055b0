import { Schema } from "effect"
import { count, fraction, SettingsError, setting } from "../../lib/pipeline/settings.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import type { Key } from "../../lib/random/key.ts"
import { named } from "../../lib/tensor/tensor.ts"
import { type BlockSettings, blocks } from "./blocks.ts"
import { largest, maskedCount } from "./choice.ts"
import { imagePart } from "./image.ts"

const settings = {
  ratio: setting(fraction, 0.4),
  /** Minimum and maximum area of a block, in patches. */
  minimum: setting(count, 16),
  maximum: Schema.optionalKey(count),
  aspect: setting(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 })), 0.3),
  /** Rows of the grid of patches; a square grid by default. */
  rows: Schema.optionalKey(count)
}
type BlockWise = Schema.Struct.Type<typeof settings>

/** Returns the settings of blocks on a grid of n patches; throws a `SettingsError` where n patches make no grid. */
export const blockSettings = ({ ratio, minimum, maximum, aspect, rows }: BlockWise, n: number): BlockSettings => {
  const high = rows ?? Math.round(Math.sqrt(n))
  const columns = n / high
  if (!Number.isInteger(columns) || (rows === undefined && columns !== high))
    throw new SettingsError({
      stage: "blockWise",
      problem: `blockWise: ${n} patches are not a grid of ${rows === undefined ? "as many rows as columns: give 'rows'" : `${rows} rows`}`
    })
  return { rows: high, columns, count: maskedCount(ratio, n), minimum, maximum: maximum ?? n, aspect }
}

/** Blocks as scores: distinct and above 0 for masked patches, 0 for the others. */
const scores = (settings: BlockWise, key: Key, n: number): Float32Array => {
  const out = new Float32Array(n)
  blocks(blockSettings(settings, n), key).patches.forEach((patch, i) => {
    out[patch] = n - i
  })
  return out
}

/**
 * Masks exactly round(ratio · N) patches in blocks (Bao et al. 2022; method.md §3), which are drawn on the host from the sample's
 * key and fed as noise. Throws a `SettingsError`.
 */
export const blockWise = strategy("blockWise", settings, (given) =>
  imagePart({
    reads: {},
    noise: { maskBlocks: { dtype: "float32", dims: ["patches"], draw: (key, [n]) => scores(given, key, n!) } },
    choose: ({ noise, sizes }) => {
      const { count } = blockSettings(given, sizes["patches"]!)
      return largest(named(noise["maskBlocks"]!, "batch", "patches"), count, "masked")
    }
  })
)
