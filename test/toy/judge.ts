import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { part, stageOf } from "../../lib/pipeline/part.ts"
import { checkSettings, type StageDefinition } from "../../lib/pipeline/settings.ts"
import { states } from "../../lib/tensor/field.ts"

/** The field of weights that should be met; 0 unless given. */
const Settings = Schema.Struct({ against: Schema.optionalKey(Schema.String) })

const weights = states("float32", "batch", "width")

const loss = (against: string | undefined) =>
  part({
    reads: { weights, ...(against === undefined ? {} : { [against]: weights }) } as { readonly weights: typeof weights },
    adds: {},
    apply: ({ fields }) => {
      const all: { readonly [name: string]: tf.Tensor } = fields
      const distance = against === undefined ? fields.weights : tf.sub(fields.weights, all[against]!)
      return { fields: {}, losses: { weight: tf.mean(tf.square(distance)) } }
    }
  })

const make = (given: unknown, as = "judge") => {
  const settings = checkSettings("judge", Settings, given)
  return stageOf({ stage: "judge", as, version: 1, settings, sizes: {} }, [loss(settings.against)])
}

/** A tensor stage that is a loss. */
export const judge = (as?: string) => make({}, as)

/** The same, of the distance to the weights that are in another field. */
export const judgeAgainst = (against: string, as?: string) => make({ against }, as)

export const definition: StageDefinition = { name: "judge", settings: Settings, make }
