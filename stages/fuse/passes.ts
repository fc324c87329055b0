import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { paddingBias } from "../../lib/nn/attention-bias.ts"
import { fieldName, type Get, type Merged, type Named, namedFields } from "../../lib/pipeline/named-fields.ts"
import type { Part } from "../../lib/pipeline/part.ts"
import { SettingsError } from "../../lib/pipeline/settings.ts"
import { type Field, states, tensor } from "../../lib/tensor/field.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import type { Fusion } from "./fusion.ts"
import type { Fused, Pair } from "./fusion-kind.ts"
import { kinds } from "./kinds.ts"

/** One field, or several that are concatenated along the batch. */
const Inputs = Schema.Union([fieldName, Schema.NonEmptyArray(fieldName)])

/** A pass of cross-modal layers as data: the fields that it fuses, and the names of its outputs. */
export const Pass = Schema.Struct({
  image: Inputs,
  text: Inputs,
  tokenMask: Inputs,
  adds: Schema.Struct({
    image: Schema.optionalKey(Inputs),
    text: Schema.optionalKey(Inputs),
    /** Attention of the last layer from each token to each patch, and its mean over a text's tokens. */
    maps: Schema.optionalKey(fieldName),
    attention: Schema.optionalKey(fieldName)
  }).annotate({ identifier: "pass.adds" })
}).annotate({ identifier: "pass" })
export type Pass = typeof Pass.Type

const pair = { image: "imageStates", text: "textStates", tokenMask: "tokenMask" } as const

/** Named passes. */
export const presets = {
  /** Complete image with complete text. */
  whole: { ...pair, adds: { image: "fusedImage", text: "fusedText" } },
  /** Complete image with complete text, fused text only. */
  wholeText: { ...pair, adds: { text: "fusedText" } },
  /** Pass `whole` with the attention of the last layer's text. */
  attention: {
    ...pair,
    adds: { image: "fusedImage", text: "fusedText", attention: "crossAttention", maps: "attentionMaps" }
  },
  /** Pass `wholeText` with the attention of the last layer's text. */
  textAttention: { ...pair, adds: { text: "fusedText", attention: "crossAttention", maps: "attentionMaps" } },
  /** Masked image with complete text: its patches are reconstructed. */
  maskedImage: { ...pair, image: "maskedImage", adds: { image: "fusedMaskedImage" } },
  /** Complete image with masked text: its words are reconstructed. */
  maskedText: { ...pair, text: "maskedText", adds: { text: "fusedMaskedText" } },
  /**
   * Each text with the image of another pair, and each image with the text of another pair, as one pass of twice the batch size.
   */
  negatives: {
    image: ["negativeImage", "imageStates"],
    text: ["textStates", "negativeText"],
    tokenMask: ["tokenMask", "negativeTokenMask"],
    adds: { text: ["textOfNegativeImage", "textOfNegativeText"] }
  }
} as const satisfies { readonly [name: string]: Pass }
type Presets = typeof presets

const imageStates = states("float32", "batch", "patches+1", "width")
const textStates = states("float32", "batch", "tokens", "width")
const tokenMask = tensor("bool", "batch", "tokens")
const crossAttention = states("float32", "batch", "patches")
const attentionMaps = states("float32", "batch", "tokens", "patches")

type Reads<P> = Named<Get<P, "image">, typeof imageStates> &
  Named<Get<P, "text">, typeof textStates> &
  Named<Get<P, "tokenMask">, typeof tokenMask>
type Adds<A> = Named<Get<A, "image">, typeof imageStates> &
  Named<Get<A, "text">, typeof textStates> &
  Named<Get<A, "attention">, typeof crossAttention> &
  Named<Get<A, "maps">, typeof attentionMaps>

/** Type of the part for a pass or the name of a preset. */
export type PassPart<P> = P extends keyof Presets ? PassPart<Presets[P]> : Part<Merged<Reads<P>>, Merged<Adds<Get<P, "adds">>>>

const listed = (names: string | readonly string[]): readonly string[] => [names].flat()

/** Throws a `SettingsError` for a pass that the fusion cannot run. */
const checkPass = ({ kind }: Fusion, { image, text, tokenMask, adds }: Pass): void => {
  const refuse = (problem: string) => new SettingsError({ stage: "fuse", problem: `fuse: ${problem}` })
  if (adds.image !== undefined && !kinds[kind].image)
    throw refuse(`the fusion '${kind}' gives text states alone, so no pass of it can add '${adds.image}'`)
  const single = adds.attention ?? adds.maps
  const rows = listed(image).length
  if (single !== undefined && rows > 1) throw refuse(`a pass of ${rows} batches at once cannot add '${single}'`)
  const other = Object.entries({ text, tokenMask, ...adds }).find(
    ([, names]) => names !== undefined && listed(names).length !== rows
  )
  if (other) throw refuse(`a pass has ${rows} fields for 'image' but ${listed(other[1]).length} for '${other[0]}'`)
}

type Maps = Tensor<readonly ["batch", "tokens", "patches"]>

/** Mean over tokens that are not padding. */
const overTokens = (maps: Maps, tokenMask: tf.Tensor): Tensor<readonly ["batch", "patches"]> => {
  const real = tf.cast(tokenMask, "float32")
  const total = tf.sum(tf.mul(maps, tf.expandDims(real, 2)), 1)
  return named(tf.div(total, tf.maximum(tf.sum(real, 1, true), 1)), "batch", "patches")
}

const stacked = <T extends tf.Tensor>(all: readonly T[]): T =>
  all.length === 1 ? all[0]! : (tf.concat([...all], 0) as tf.Tensor as T)

/** Splits a concatenated batch into its parts, by name. */
const apart = (x: tf.Tensor, names: readonly string[], batch: number): { readonly [name: string]: tf.Tensor } =>
  names.length === 1
    ? { [names[0]!]: x }
    : Object.fromEntries(names.map((name, i) => [name, tf.slice(x, [i * batch, 0, 0], [batch, -1, -1])]))

const reads = ({ image, text, tokenMask: mask }: Pass): { readonly [name: string]: Field } => ({
  ...namedFields(image, imageStates),
  ...namedFields(text, textStates),
  ...namedFields(mask, tokenMask)
})

/** Returns the part for a pass or the name of a preset. Throws a `SettingsError` where the fusion cannot run it. */
export const passPart = (fusion: Fusion, given: Pass | keyof Presets): Part => {
  const pass: Pass = typeof given === "string" ? presets[given] : given
  checkPass(fusion, pass)
  const { image, text, tokenMask: mask, adds } = pass
  const kind = kinds[fusion.kind]
  return {
    reads: reads(pass),
    adds: {
      ...namedFields(adds.image, imageStates),
      ...namedFields(adds.text, textStates),
      ...namedFields(adds.attention, crossAttention),
      ...namedFields(adds.maps, attentionMaps)
    },
    parameters: () => kind.parameters(fusion),
    apply: ({ fields: given, parameters, sizes }) => {
      const fields = given as { readonly [name: string]: never } // named by the pass, checked against `reads` before this
      const all = (names: string | readonly string[]): readonly never[] => listed(names).map((name) => fields[name]!)
      const fused: Fused = kind.fuse(parameters, fusion, {
        image: stacked<Pair["image"]>(all(image)),
        text: stacked<Pair["text"]>(all(text)),
        bias: stacked<Pair["bias"]>(all(mask).map((each) => paddingBias(each)))
      })
      const batch = sizes["batch"]!
      const maps = adds.attention === undefined && adds.maps === undefined ? undefined : fused.maps()
      const attention = maps && adds.attention !== undefined ? overTokens(maps, all(mask)[0]!) : undefined
      return {
        fields: {
          ...(adds.image === undefined ? {} : apart(fused.image!(), listed(adds.image), batch)),
          ...(adds.text === undefined ? {} : apart(fused.text(), listed(adds.text), batch)),
          ...(attention ? { [adds.attention!]: attention } : {}),
          ...(maps && adds.maps !== undefined ? { [adds.maps]: maps } : {})
        } as never
      }
    }
  }
}
