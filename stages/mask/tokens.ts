import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { part } from "../../lib/pipeline/part.ts"
import { fraction, SettingsError, setting } from "../../lib/pipeline/settings.ts"
import type { NoiseSpec } from "../../lib/pipeline/stage.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import type { FieldVocabulary, OpenedVocabulary, SpecialIds } from "../../lib/pipeline/vocabulary.ts"
import { integers } from "../../lib/random/integers.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { tensor } from "../../lib/tensor/field.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import { trainedSpecial } from "../tokenize/word-piece-file.ts"
import { among, largest, maskedCount } from "./choice.ts"
import { orderNoise } from "./noise.ts"
import { completedSpecial, type MaskingIds, Special } from "./special-ids.ts"

const settings = {
  ratio: setting(fraction, 0.15),
  /** Shares of the masked tokens that become [MASK] and a random word; the rest stay unchanged. */
  hidden: setting(fraction, 0.8),
  random: setting(fraction, 0.1),
  /** Number of ids in the model's embedding; the tokenizer may have fewer. */
  vocabulary: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(6))),
  /** Special ids: the vocabulary's, once it is opened; ids given here must equal them. */
  special: Schema.optionalKey(Special)
}
/** Settings of token masking. */
export type Tokens = Schema.Struct.Type<typeof settings>

/** Maximum number of masked tokens in a text of a length: the size of the dimension `positions`. */
export const maskedPositionCount = (ratio: number, length: number): number =>
  Math.min(length, Math.max(1, maskedCount(ratio, length - 2)))

/** Number of masked tokens among n maskable ones, given the number of masked positions. */
export const maskedTokenCount = (ratio: number, n: number, positions: number): number =>
  n === 0 || ratio === 0 ? 0 : Math.min(positions, Math.max(1, maskedCount(ratio, n)))

/** Size of a vocabulary, and its ids that are not words. */
export interface MaskIds {
  readonly special: MaskingIds
  /** Upper bound of ids, exclusive. */
  readonly size: number
}

/** Ids for a stage without a tokenizer, where its settings omit them: those of a trained vocabulary, and BERT's size. */
export const idsAlone = ({ special, vocabulary }: Tokens): MaskIds => ({
  special: special ? { ...special, mask: special.mask ?? trainedSpecial.mask } : trainedSpecial,
  size: vocabulary ?? 30_522
})

/** Completes settings with the special ids of the vocabulary of the token field. Throws a `SettingsError` where they differ. */
export const completedTokens = (path: string, settings: Tokens, known: FieldVocabulary | OpenedVocabulary): Tokens => {
  const { size, file } = { size: undefined, file: undefined, ...known }
  if (size !== undefined && settings.vocabulary !== undefined && size > settings.vocabulary) {
    const problem = `${path}.vocabulary says ${settings.vocabulary} ids; the vocabulary has ${size}`
    throw new SettingsError({ stage: path, problem })
  }
  const special = completedSpecial(path, settings.special ?? {}, known.special, file)
  if (size !== undefined && word({ special, size }).size < 1) {
    const whose = typeof file === "string" ? ` (${file})` : ""
    throw new SettingsError({ stage: path, problem: `${path}: the vocabulary has no words beside its special ids${whose}` })
  }
  return { ...settings, special }
}

/** Maps an integer from 0 to an id that is not special, in order. */
const word = ({ special: { others = [], ...named }, size }: MaskIds) => {
  const taken = [...new Set([...Object.values(named), ...others])].filter((id) => id < size).sort((a, b) => a - b)
  return {
    size: size - taken.length,
    at: (index: number): number => taken.reduce((id, special) => (special <= id ? id + 1 : id), index)
  }
}

const noise = (ids: MaskIds): { readonly [name: string]: NoiseSpec } => {
  const words = word(ids)
  return {
    tokenNoise: orderNoise("tokens"),
    tokenAction: { dtype: "float32", dims: ["tokens"], draw: (key, [n]) => uniform(key, n!) },
    tokenRandom: { dtype: "int32", dims: ["tokens"], draw: (key, [n]) => integers(key, n!, 0, words.size).map(words.at) }
  }
}

const reads = { tokens: tensor("int32", "batch", "tokens"), tokenMask: tensor("bool", "batch", "tokens") }
type Ids = Tensor<readonly ["batch", "tokens"], "int32">

const isMaskable = (tokens: Ids, tokenMask: tf.Tensor, { pad, cls, sep, others = [] }: SpecialIds): tf.Tensor => {
  const differs = (id: number): tf.Tensor => tf.notEqual(tokens, tf.scalar(id, "int32"))
  const never = [...new Set([pad, cls, sep, ...others])].filter((id) => id !== undefined)
  return never.map(differs).reduce((a, b) => tf.logicalAnd(a, b), tokenMask)
}

/** The part of the stage that masks words, by a vocabulary's ids. */
export const tokensPart = (settings: Tokens, ids: MaskIds) =>
  part({
    reads,
    adds: {
      maskedTokens: reads.tokens,
      maskedPositions: tensor("int32", "batch", "positions"),
      maskedWeights: tensor("float32", "batch", "positions")
    },
    noise: noise(ids),
    apply: ({ fields, noise, sizes }) => {
      const [batch, length] = [sizes["batch"]!, sizes["tokens"]!]
      const positions = maskedPositionCount(settings.ratio, length)
      const maskable = isMaskable(fields.tokens, fields.tokenMask, ids.special)
      // A table rather than arithmetic: float32 could round half of a token the other way.
      const table = Array.from({ length: length + 1 }, (_, n) => maskedTokenCount(settings.ratio, n, positions))
      const counts = tf.gather(tf.tensor1d(table, "int32"), tf.sum(tf.cast(maskable, "int32"), 1))
      // Tokens that cannot be masked come last, in their order, so that no engine has ties to break.
      const last = tf.sub(tf.fill([batch, length], -1), tf.range(0, length))
      const scores = tf.where(maskable, noise["tokenNoise"]!, last) as Tensor<readonly ["batch", "tokens"]>
      const maskedPositions = largest(scores, positions, "positions")
      const valid = tf.less(tf.range(0, positions, 1, "int32"), tf.expandDims(counts, 1))
      // Positions beyond the count point past the last position.
      const places = tf.where(valid, maskedPositions, tf.fill([batch, positions], length, "int32"))
      const picked = tf.greater(among(named(places, "batch", "positions"), length), 0)
      const replaced = tf.where(
        tf.less(noise["tokenAction"]!, settings.hidden),
        tf.fill([batch, length], ids.special.mask, "int32"),
        tf.where(tf.less(noise["tokenAction"]!, settings.hidden + settings.random), noise["tokenRandom"]!, fields.tokens)
      )
      const weights = tf.div(tf.cast(valid, "float32"), tf.expandDims(tf.maximum(tf.cast(counts, "float32"), 1), 1))
      return {
        fields: {
          maskedTokens: named<["batch", "tokens"], "int32">(tf.where(picked, replaced, fields.tokens), "batch", "tokens"),
          maskedPositions,
          maskedWeights: named(weights, "batch", "positions")
        }
      }
    }
  })

/**
 * Masks words for masked language modelling (Devlin et al. 2019; method.md §3): round(ratio · n) of a caption's n real tokens that
 * are not [CLS], [SEP] or [PAD], at least one where there is one (none at ratio 0). Throws a `SettingsError`.
 */
export const tokens = strategy("tokens", settings, (given) => tokensPart(given, idsAlone(given)))
