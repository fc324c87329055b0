import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import { clsToken } from "../../lib/nn/tokens.ts"
import { part } from "../../lib/pipeline/part.ts"
import { type Bound, checkSettings, type Known } from "../../lib/pipeline/settings.ts"
import type { Sizes, TensorContext } from "../../lib/pipeline/stage.ts"
import { type Fields, states } from "../../lib/tensor/field.ts"
import { softCrossEntropy } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import {
  centreSpec,
  entropy,
  movedCentre,
  projection,
  prototypeLogits,
  Space,
  spaceScalars,
  spaceSpecs,
  studentLogits,
  teacherTargets
} from "../reconstruct/prototype-head.ts"

const settings = { space: Space }
const Settings = Schema.Struct(settings)

/** Settings of global agreement, as data. */
export const Agreement = Schema.TaggedStruct("agreement", settings)
export type Agreement = typeof Agreement.Type

/** Agreement of two views of an image in the space that masked patches are reconstructed in (method.md §5). Throws a `SettingsError`. */
export const agreement = <const S extends Bound<typeof Settings.Encoded>>(
  settings: Known<"agreement", typeof Settings.Encoded, S>
): Agreement => ({
  _tag: "agreement",
  ...checkSettings("agreement", Settings, settings)
})

/** Settings of agreement in both orders of the two views, as data. */
export const MutualAgreement = Schema.TaggedStruct("mutualAgreement", settings)
export type MutualAgreement = typeof MutualAgreement.Type

/**
 * Agreement of both ordered pairs of views (method.md §1): besides the masked first view following the teacher's second, the
 * student's second view, whole, follows the teacher's first. One more student pass: `encode` needs the pass "secondView" too.
 * Throws a `SettingsError`.
 */
export const mutualAgreement = <const S extends Bound<typeof Settings.Encoded>>(
  settings: Known<"mutualAgreement", typeof Settings.Encoded, S>
): MutualAgreement => ({
  _tag: "mutualAgreement",
  ...checkSettings("mutualAgreement", Settings, settings)
})

const image = states("float32", "batch", "patches+1", "width")
type States = Tensor<readonly ["batch", "patches+1", "width"]>
const cls = (x: States) => named(clsToken(x), "rows", "width")

/** An ordered pair of views: what the student sees of one and the teacher of the other. */
interface Views {
  readonly student: States
  readonly teacher: States
}

/** The mean over ordered pairs of views of the cross-entropy of the student's distribution to the teacher's, both before fusion. */
const agreeing = (
  { space }: { readonly space: Space },
  { parameters, teacher, scalars, state }: Pick<TensorContext<Fields>, "parameters" | "teacher" | "scalars" | "state">,
  pairs: readonly Views[]
) => {
  const centre = state["centre"]!
  const mean = (values: readonly tf.Tensor[]): tf.Tensor =>
    values.length === 1 ? values[0]! : tf.div(tf.addN([...values]), values.length)
  const ordered = pairs.map((views) => {
    const seen = prototypeLogits(teacher, projection(teacher, cls(views.teacher)))
    const targets = teacherTargets(seen, centre, scalars["teacherTemperature"]!)
    const logits = studentLogits(parameters, space, cls(views.student))
    return { seen, targets, loss: tf.mean(softCrossEntropy(logits, targets)) }
  })
  return {
    fields: {},
    losses: { agreement: mean(ordered.map(({ loss }) => loss)) },
    metrics: { agreementEntropy: mean(ordered.map(({ targets }) => entropy(targets))) },
    state: { centre: movedCentre(space, centre, mean(ordered.map(({ seen }) => tf.mean(seen, 0)))) }
  }
}

/** What agreement needs, whatever the pairs of views. */
const common = ({ space }: { readonly space: Space }) => ({
  adds: {},
  scalars: spaceScalars(space),
  parameters: (sizes: Sizes) => spaceSpecs(space, sizes["width"]!),
  teacherParameters: (sizes: Sizes) => Object.keys(spaceSpecs(space, sizes["width"]!)),
  state: () => ({ centre: centreSpec(space) })
})

/** L_agree for one ordered pair: the student's masked first view follows the teacher's whole second view (method.md §5). */
export const agreementPart = (settings: Agreement) =>
  part({
    ...common(settings),
    reads: { maskedImage: image, "teacher.secondImage": image },
    apply: (context) => {
      const { maskedImage, "teacher.secondImage": second } = context.fields
      return agreeing(settings, context, [{ student: maskedImage, teacher: second }])
    }
  })

/** L_agree as the mean over both ordered pairs (method.md §5). */
export const mutualAgreementPart = (settings: MutualAgreement) =>
  part({
    ...common(settings),
    reads: { maskedImage: image, secondImage: image, "teacher.imageStates": image, "teacher.secondImage": image },
    apply: (context) => {
      const { maskedImage, secondImage, "teacher.imageStates": whole, "teacher.secondImage": second } = context.fields
      return agreeing(settings, context, [
        { student: maskedImage, teacher: second },
        { student: secondImage, teacher: whole }
      ])
    }
  })
