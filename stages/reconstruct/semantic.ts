import * as tf from "@tensorflow/tfjs"
import { gatherTokens, patchTokens } from "../../lib/nn/tokens.ts"
import { part } from "../../lib/pipeline/part.ts"
import { strategy } from "../../lib/pipeline/strategy.ts"
import { states, tensor } from "../../lib/tensor/field.ts"
import { softCrossEntropy } from "../../lib/tensor/own.ts"
import { named } from "../../lib/tensor/tensor.ts"
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
} from "./prototype-head.ts"

const image = states("float32", "batch", "patches+1", "width")

/**
 * L_mim: over masked patches, the cross-entropy between the student's distribution (masked image, fused with text) and the
 * teacher's (complete image, fused with text), centred and sharpened; 0 where no patch is masked.
 */
const semanticPart = ({ space: head }: { readonly space: PrototypeHead }) =>
  part({
    reads: { "teacher.fusedImage": image, fusedMaskedImage: image, maskedPatches: tensor("int32", "batch", "masked") },
    adds: {},
    watches: [{ metric: "teacherEntropy", limit: Math.log(head.dimensions) }],
    scalars: prototypeHeadScalars(head),
    parameters: (sizes) => prototypeHeadSpecs(head, sizes["width"]!),
    teacherParameters: (sizes) => Object.keys(prototypeHeadSpecs(head, sizes["width"]!)),
    state: () => ({ centrePatch: centreSpec(head) }),
    apply: ({ fields, parameters, teacher, scalars, state }) => {
      const { maskedPatches, fusedMaskedImage } = fields
      const patches = patchTokens(fields["teacher.fusedImage"])
      const [batch, n, width] = patches.shape as [number, number, number]
      const all = projection(teacher, head, named(tf.reshape(patches, [-1, width]), "rows", "width"))
      const mean = prototypeLogits(teacher, head, named(tf.mean(all, 0, true), "rows", "projection"))
      const centre = { centrePatch: movedCentre(head, state["centrePatch"]!, mean) }
      if (maskedPatches.shape[1] === 0)
        return { fields: {}, losses: { mim: tf.scalar(0) }, metrics: { teacherEntropy: tf.scalar(0) }, state: centre }
      const perSample = named(tf.reshape(all, [batch, n, -1]), "batch", "patches", "projection")
      const targets = teacherTargets(
        prototypeLogits(teacher, head, gatherTokens(perSample, maskedPatches)),
        state["centrePatch"]!,
        scalars["teacherTemperature"]!
      )
      const logits = studentLogits(parameters, head, gatherTokens(patchTokens(fusedMaskedImage), maskedPatches))
      return {
        fields: {},
        losses: { mim: tf.mean(softCrossEntropy(logits, targets)) },
        metrics: { teacherEntropy: entropy(targets) },
        state: centre
      }
    }
  })

/**
 * Target of SemMIM: the teacher's distribution of text-fused patches over the prototypes (method.md §5). Throws a
 * `SettingsError`.
 */
export const semantic = strategy("semantic", { space: PrototypeHead }, semanticPart)
