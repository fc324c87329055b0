import { Schema } from "effect"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { EncoderConfig } from "../weights/encoder-place.ts"
import { encodersOf, settingsLike } from "./model-config.ts"

/** Part of a pipeline that starts from a checkpoint's layers: its number of heads, and the path of the setting that holds it. */
export interface StartedPart {
  readonly name: string
  readonly heads: number
  readonly setting: string
}

const Fusion = Schema.Struct({ fusion: Schema.Struct({ heads: Schema.Int }) })

/** Returns the parts of a pipeline that start from an encoder's checkpoint, including the fusion where its text stream does. */
export const startedParts = (pipeline: Pipeline, kind: "vit" | "bert", withFusion: boolean): readonly StartedPart[] => {
  const encoders = encodersOf(pipeline)
  const fusion = withFusion ? settingsLike(pipeline, Fusion) : undefined
  const side = kind === "vit" ? "image" : "text"
  return [
    ...(encoders
      ? [{ name: `the ${side} encoder`, heads: encoders[side].heads, setting: `${encoders.as}.model.${side}.heads` }]
      : []),
    ...(fusion
      ? [
          {
            name: "the fusion, whose text stream starts from its last layers,",
            heads: fusion.settings.fusion.heads,
            setting: `${fusion.as}.fusion.heads`
          }
        ]
      : [])
  ]
}

/** Fixed values of this project's layers, by Hugging Face's names. */
const here = {
  vit: { model_type: "vit", layer_norm_eps: 1e-6 },
  bert: { model_type: "bert", layer_norm_eps: 1e-12 }
}
/** Names of the same activation function. */
const gelu = ["gelu", "gelu_python"]

/**
 * Describes a value of a config that cannot be derived from shapes and differs from this project's: one sentence, or undefined.
 */
export const configFault = (kind: "vit" | "bert", config: EncoderConfig, parts: readonly StartedPart[]): string | undefined => {
  const { model_type, num_attention_heads: heads, hidden_act, position_embedding_type } = config
  const faults = [
    ...(model_type !== undefined && model_type !== here[kind].model_type
      ? [`model_type '${model_type}', and it is taken for a '${here[kind].model_type}'`]
      : []),
    ...parts
      .filter((part) => heads !== undefined && part.heads !== heads)
      .map(({ name, heads: own, setting }) => `${heads} attention heads, but ${name} has ${own} (--set ${setting}=${heads})`),
    ...(hidden_act !== undefined && !gelu.includes(hidden_act) ? [`hidden_act '${hidden_act}', but here it is 'gelu'`] : []),
    ...(kind === "bert" && (position_embedding_type ?? "absolute") !== "absolute"
      ? [`position_embedding_type '${position_embedding_type}', but here it is 'absolute'`]
      : [])
  ]
  return faults.length === 0 ? undefined : `its config.json says ${faults.join("; ")}`
}

/** Describes a difference in a config that changes results little; undefined for none. */
export const configNote = (kind: "vit" | "bert", { layer_norm_eps: eps }: EncoderConfig): string | undefined =>
  eps === undefined || eps === here[kind].layer_norm_eps
    ? undefined
    : `layer_norm_eps is ${eps} there and ${here[kind].layer_norm_eps} here`
