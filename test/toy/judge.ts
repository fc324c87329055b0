import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { part, stageOf } from "../../lib/pipeline/part.ts"
import { checkSettings, type StageDefinition } from "../../lib/pipeline/settings.ts"
import { states } from "../../lib/tensor/field.ts"

const Settings = Schema.Struct({})

const loss = part({
  reads: { weights: states("float32", "batch", "width") },
  adds: {},
  apply: ({ fields }) => ({ fields: {}, losses: { weight: tf.mean(tf.square(fields.weights)) } })
})

const make = (given: unknown, as = "judge") =>
  stageOf({ stage: "judge", as, version: 1, settings: checkSettings("judge", Settings, given), sizes: {} }, [loss])

/** A tensor stage that is a loss. */
export const judge = (as?: string) => make({}, as)

export const definition: StageDefinition = { name: "judge", settings: Settings, make }
