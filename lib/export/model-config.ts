import { Option, Schema } from "effect"
import type { Layout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"

/** Content of an exported model's config.json: the pipeline as data, and the weight set. */
export const ModelConfig = Schema.Struct({
  model_type: Schema.Literal("semmim"),
  format: Schema.Literal(1),
  weights: Schema.Literals(["student", "teacher"]),
  step: Schema.NullOr(Schema.Int),
  pipeline_digest: Schema.String,
  pipeline: Schema.Json,
  /** SHA-256 of `pipeline` as canonical JSON; absent in older exports. */
  pipeline_sha256: Schema.optionalKey(Schema.String),
  /** SHA-256 of the files that the pipeline's stages read (tokenizer.json), by name; absent in older exports. */
  files: Schema.optionalKey(Schema.Record(Schema.String.check(Schema.isPattern(/^[\w-][\w.-]*$/)), Schema.String)),
  /** Choices that the run's tasks made on validation data, by task; absent where there are none. */
  choices: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  /** Configurations as in Hugging Face's ViTConfig and BertConfig, where the pipeline has such encoders. */
  vision_config: Schema.optionalKey(Schema.Json),
  text_config: Schema.optionalKey(Schema.Json)
})
export type ModelConfig = typeof ModelConfig.Type

const Encoder = Schema.Struct({ width: Schema.Int, layers: Schema.Int, heads: Schema.Int, ratio: Schema.Int })
const DualEncoder = Schema.Struct({
  model: Schema.Struct({
    image: Encoder,
    text: Schema.Struct({ ...Encoder.fields, vocabulary: Schema.Int, maxPositions: Schema.Int })
  })
})

const shared = ({ width, layers, heads, ratio }: typeof Encoder.Type) => ({
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  intermediate_size: width * ratio,
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0
})

/** Finds the first stage of a pipeline, except frozen ones, whose settings match a schema; undefined for none. */
export const settingsLike = <A>(pipeline: Pipeline, schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownOption(schema, { onExcessProperty: "ignore" })
  const found = pipeline.stages.flatMap((stage) =>
    stage.kind === "tensor" && typeof stage.weights === "object"
      ? []
      : Option.toArray(decode(stage.settings)).map((settings) => ({
          as: stage.as,
          settings,
          averaged: stage.kind === "tensor" && stage.weights === "teacher"
        }))
  )
  return found.find(({ averaged }) => !averaged) ?? found[0]
}

/** Finds the encoders of a pipeline, and their stage; undefined where no stage has both. */
export const encodersOf = (pipeline: Pipeline) => {
  const found = settingsLike(pipeline, DualEncoder)
  return found && { as: found.as, ...found.settings.model }
}

/** Returns the encoders' configurations as Hugging Face spells them; empty for a pipeline without a stage with two encoders. */
export const encoderConfigs = (pipeline: Pipeline, layout: Layout): Pick<ModelConfig, "vision_config" | "text_config"> => {
  const found = encodersOf(pipeline)
  const projection = layout.slots.find(({ name }) => name.endsWith("patch_embeddings.projection.weight"))
  if (!found || !projection) return {}
  const { image, text } = found
  const patch = Math.round(Math.sqrt(projection.shape[1]! / 3))
  const grid = Math.round(Math.sqrt(pipeline.sizes["patches"] ?? 0))
  return {
    vision_config: {
      ...shared(image),
      model_type: "vit",
      image_size: grid * patch,
      patch_size: patch,
      num_channels: 3,
      qkv_bias: true,
      layer_norm_eps: 1e-6
    },
    text_config: {
      ...shared(text),
      model_type: "bert",
      vocab_size: text.vocabulary,
      max_position_embeddings: text.maxPositions,
      type_vocab_size: 2,
      pad_token_id: 0,
      layer_norm_eps: 1e-12
    }
  }
}
