import { dirname, join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import { storeError } from "../store/store-error.ts"
import { weightsFileIn } from "./weights-parts.ts"

/** Settings of Hugging Face's config.json that cannot be derived from the shapes of weights. */
export const EncoderConfig = Schema.Struct({
  model_type: Schema.optionalKey(Schema.String),
  num_attention_heads: Schema.optionalKey(Schema.Int),
  hidden_act: Schema.optionalKey(Schema.String),
  layer_norm_eps: Schema.optionalKey(Schema.Finite),
  position_embedding_type: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export type EncoderConfig = typeof EncoderConfig.Type

/** An encoder's weights on disk: a file, or a folder in Hugging Face's layout. */
export interface EncoderPlace {
  readonly file: string
  /** Folder of the encoder's other files. */
  readonly folder: string
  /** True where the folder was given, so that its other files are to be used. */
  readonly whole: boolean
  readonly config: EncoderConfig | undefined
}

/**
 * Finds weights and their config.json: a folder must have one; beside a file it is used if it is of the file's kind ("vit",
 * "bert"). Errors: `WeightsError`, `StoreError`.
 */
export const encoderPlace = Effect.fn("weights.encoderPlace")(function* (path: string, kind: string) {
  const fs = yield* FileSystem.FileSystem
  const exists = (file: string) => fs.exists(file).pipe(Effect.mapError(storeError(file)))
  const { type } = yield* fs.stat(path).pipe(Effect.mapError(storeError(path)))
  const whole = type === "Directory"
  const folder = whole ? path : dirname(path)
  const file = whole ? yield* weightsFileIn(path) : path
  const configFile = join(folder, "config.json")
  if (!(yield* exists(configFile))) {
    if (!whole) return { file, folder, whole, config: undefined } satisfies EncoderPlace
    return yield* new WeightsError({
      file: path,
      reason: "has no config.json, which says how many attention heads its layers have"
    })
  }
  const text = yield* fs.readFileString(configFile).pipe(Effect.mapError(storeError(configFile)))
  const decoded = yield* Effect.result(Schema.decodeUnknownEffect(Schema.fromJsonString(EncoderConfig))(text))
  if (!whole) {
    const beside = decoded._tag === "Success" && decoded.success.model_type === kind ? decoded.success : undefined
    return { file, folder, whole, config: beside } satisfies EncoderPlace
  }
  if (decoded._tag === "Failure")
    return yield* new WeightsError({ file: configFile, reason: decoded.failure.message.replace(/\s*\n\s*/g, " ") })
  const config = decoded.success
  return { file, folder, whole, config } satisfies EncoderPlace
})
