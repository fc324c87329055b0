import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { part, stageOf } from "../../lib/pipeline/part.ts"
import { checkSettings, count, type StageDefinition, setting } from "../../lib/pipeline/settings.ts"
import { normal } from "../../lib/random/normal.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { named } from "../../lib/tensor/tensor.ts"

const Model = Schema.Struct({ name: Schema.Literal("scales"), width: count, depth: setting(count, 1) })
const Settings = Schema.Struct({ scales: Model, other: Schema.optionalKey(Schema.NullOr(Schema.String)) })

const parts = (width: number) =>
  part({
    reads: { letters: tensor("int32", "batch", "letters") },
    adds: { weights: states("float32", "batch", "width") },
    noise: { shake: { dtype: "float32", dims: ["width"], draw: (key, [n]) => uniform(key, n!) } },
    parameters: (sizes) => ({
      "scales.weight": {
        shape: [width, sizes["letters"]!],
        init: (key, [rows, columns]) => normal(key, rows! * columns!),
        decay: true
      }
    }),
    apply: ({ fields, parameters, noise }) => {
      const x = tf.matMul(tf.cast(fields.letters, "float32"), parameters("scales.weight"), false, true)
      const weights = named<["batch", "width"]>(tf.add(x, noise["shake"]!), "batch", "width")
      return { fields: { weights } }
    }
  })

const make = (given: unknown, as = "weigh") => {
  const settings = checkSettings("weigh", Settings, given)
  const { width } = settings.scales
  return stageOf({ stage: "weigh", as, version: 1, settings, sizes: { width } }, [parts(width)])
}

/** A tensor stage with a parameter and noise. */
export const weigh = (settings: typeof Settings.Encoded, as?: string) => make(settings, as)

export const definition: StageDefinition = { name: "weigh", settings: Settings, make }
