import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { first } from "../../lib/nn/take.ts"
import { states } from "../../lib/pipeline/field.ts"
import { part } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known } from "../../lib/pipeline/settings.ts"
import { softCrossEntropy } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import {
  bottleneck,
  centreSpec,
  entropy,
  movedCentre,
  prototypeLogits,
  Space,
  spaceScalars,
  spaceSpecs,
  studentLogits,
  teacherTargets
} from "../reconstruct/space.ts"

const settings = { space: Space }
const Settings = Schema.Struct(settings)

/** Settings of global agreement, as data. */
export const Agreement = Schema.TaggedStruct("agreement", settings)
export type Agreement = typeof Agreement.Type

/** Agreement of two views of a picture in the space that masked patches are reconstructed in (method.md §5). Throws a `SettingsError`. */
export const agreement = <const S extends Bound<typeof Settings.Encoded>>(
  settings: Known<"agreement", typeof Settings.Encoded, S>
): Agreement => ({
  _tag: "agreement",
  ...checkSettings("agreement", Settings, settings)
})

const image = states("float32", "batch", "patches+1", "width")
const cls = (x: Tensor<readonly ["batch", "patches+1", "width"]>) => named(first(x), "rows", "width")

/**
 * L_agree for one ordered pair of views: the cross-entropy of the student's distribution for the masked first view's [CLS] to the
 * teacher's for the whole second view's, both before fusion.
 */
export const agreementPart = ({ space }: Agreement) =>
  part({
    reads: { maskedImage: image, "teacher.secondImage": image },
    adds: {},
    scalars: spaceScalars(space),
    parameters: (sizes) => spaceSpecs(space, sizes["width"]!),
    teacherParameters: (sizes) => Object.keys(spaceSpecs(space, sizes["width"]!)),
    state: () => ({ centre: centreSpec(space) }),
    apply: ({ fields, parameters, teacher, scalars, state }) => {
      const seen = prototypeLogits(teacher, bottleneck(teacher, cls(fields["teacher.secondImage"])))
      const targets = teacherTargets(seen, state["centre"]!, scalars["teacherTemperature"]!)
      const logits = studentLogits(parameters, space, cls(fields.maskedImage))
      return {
        fields: {},
        losses: { agreement: tf.mean(softCrossEntropy(logits, targets)) },
        metrics: { agreementEntropy: entropy(targets) },
        state: { centre: movedCentre(space, state["centre"]!, tf.mean(seen, 0)) }
      }
    }
  })
