import * as tf from "@tensorflow/tfjs"
import { clsToken } from "../../lib/nn/tokens.ts"
import { part } from "../../lib/pipeline/part.ts"
import type { Sizes, TensorContext } from "../../lib/pipeline/stage.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import { type Fields, states } from "../../lib/tensor/field.ts"
import { softCrossEntropy } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import {
  centreSpec,
  entropy,
  movedCentre,
  PrototypeHead,
  projection,
  prototypeHeadScalars,
  prototypeHeadSpecs,
  prototypeLogits,
  studentLogits,
  teacherTargets
} from "../reconstruct/prototype-head.ts"

const settings = { space: PrototypeHead }
interface Settings {
  readonly space: PrototypeHead
}

const image = states("float32", "batch", "patches+1", "width")
type ImageStates = Tensor<readonly ["batch", "patches+1", "width"]>
const cls = (x: ImageStates) => named(clsToken(x), "rows", "width")

/** An ordered pair of views: the student's field of one view and the teacher's field of the other. */
interface Views {
  readonly student: ImageStates
  readonly teacher: ImageStates
}

/**
 * Mean over ordered pairs of views of the cross-entropy between the student's distribution and the teacher's, both before fusion.
 */
const agreeing = (
  { space: head }: Settings,
  { parameters, teacher, scalars, state }: Pick<TensorContext<Fields>, "parameters" | "teacher" | "scalars" | "state">,
  pairs: readonly Views[]
) => {
  const centre = state["centre"]!
  const mean = (values: readonly tf.Tensor[]): tf.Tensor =>
    values.length === 1 ? values[0]! : tf.div(tf.addN([...values]), values.length)
  const ordered = pairs.map((views) => {
    const seen = prototypeLogits(teacher, head, projection(teacher, head, cls(views.teacher)))
    const targets = teacherTargets(seen, centre, scalars["teacherTemperature"]!)
    const logits = studentLogits(parameters, head, cls(views.student))
    return { seen, targets, loss: tf.mean(softCrossEntropy(logits, targets)) }
  })
  return {
    fields: {},
    losses: { agreement: mean(ordered.map(({ loss }) => loss)) },
    metrics: { agreementEntropy: mean(ordered.map(({ targets }) => entropy(targets))) },
    state: { centre: movedCentre(head, centre, mean(ordered.map(({ seen }) => tf.mean(seen, 0)))) }
  }
}

/** Properties of the loss that do not depend on the pairs of views. */
const common = ({ space: head }: Settings) => ({
  adds: {},
  scalars: prototypeHeadScalars(head),
  parameters: (sizes: Sizes) => prototypeHeadSpecs(head, sizes["width"]!),
  teacherParameters: (sizes: Sizes) => Object.keys(prototypeHeadSpecs(head, sizes["width"]!)),
  state: () => ({ centre: centreSpec(head) })
})

/** L_agree for one ordered pair: the student's masked first view follows the teacher's complete second view (method.md §5). */
const agreementPart = (settings: Settings) =>
  part({
    ...common(settings),
    reads: { maskedImage: image, "teacher.secondImage": image },
    apply: (context) => {
      const { maskedImage, "teacher.secondImage": second } = context.fields
      return agreeing(settings, context, [{ student: maskedImage, teacher: second }])
    }
  })

/** L_agree as the mean over both ordered pairs (method.md §5). */
const mutualAgreementPart = (settings: Settings) =>
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

/**
 * Agreement ([CLS] self-distillation) of two views of an image, with the prototype head by which masked patches are reconstructed
 * (method.md §5). Throws a `SettingsError`.
 */
export const agreement = strategy("agreement", settings, agreementPart)

/**
 * Agreement of both ordered pairs of views (method.md §1): in addition to the student's masked first view following the teacher's
 * second, the student's complete second view follows the teacher's first. One more student pass: `encode` needs the pass
 * "secondView" too. Throws a `SettingsError`.
 */
export const mutualAgreement = strategy("mutualAgreement", settings, mutualAgreementPart)
