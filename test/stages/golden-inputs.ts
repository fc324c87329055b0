import * as tf from "@tensorflow/tfjs"
import type { ForwardInputs } from "../../lib/model/forward.ts"
import { type golden, goldenSizes } from "./golden.ts"

type Golden = ReturnType<typeof golden>

/** How the golden file's noise is called in the stages. */
const noise = {
  "mask.maskGumbel": "maskGumbel",
  "mask.tokenNoise": "tokenNoise",
  "mask.tokenAction": "tokenAction",
  "mask.tokenRandom": "tokenRandom",
  "align.negativeImage": "negativeImageGumbel",
  "align.negativeText": "negativeTextGumbel"
}
const state = {
  "align.queueImage": "queueImage",
  "align.queueText": "queueText",
  "align.queueGroup": "queueGroup",
  "align.centre": "centre",
  "reconstruct.centrePatch": "centrePatch"
}

const each = (names: Readonly<Record<string, string>>, of: (name: string) => tf.Tensor) =>
  Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, of(theirs)]))

/** What the first golden step is run on; the teacher is moved towards the student first. */
export const goldenInputs = (file: Golden): ForwardInputs & { readonly student: ReadonlyMap<string, tf.Tensor> } => {
  const student = new Map(
    file.names.filter((name) => name.startsWith("student.")).map((name) => [name.slice(8), file.tensor(name)] as const)
  )
  // Moved before the step, outside of its gradient.
  const teacher = new Map(
    file.names
      .filter((name) => name.startsWith("teacher."))
      .map((name) => {
        const own = name.slice(8)
        return [own, tf.add(tf.mul(file.tensor(name), 0.995), tf.mul(student.get(own)!, 0.005))] as const
      })
  )
  const lookup = (tensors: ReadonlyMap<string, tf.Tensor>) => (name: string) => {
    const tensor = tensors.get(name)
    if (!tensor) throw new Error(`there is no parameter '${name}'`)
    return tensor
  }
  const input = (name: string): tf.Tensor => file.tensor(`step1.input.${name}`)
  const scalar = { alpha: 0.4, teacherTemperature: 0.04, lrScale: 1, temperatureRate: 1 }
  const scalars = {
    align: ["alpha", "teacherTemperature", "lrScale", "temperatureRate"],
    reconstruct: ["alpha", "teacherTemperature", "lrScale"]
  }
  return {
    student,
    fields: {
      group: input("group"),
      tokens: input("tokens"),
      tokenMask: tf.cast(input("tokenMask"), "bool"),
      patches: input("patches"),
      secondPatches: input("patches2")
    },
    parameters: lookup(student),
    teacher: lookup(teacher),
    noise: each(noise, input),
    scalars: Object.fromEntries(
      Object.entries(scalars).flatMap(([stage, names]) =>
        names.map((name) => [`${stage}.${name}`, tf.scalar(scalar[name as keyof typeof scalar])])
      )
    ),
    state: each(state, (name) => file.tensor(`state.${name}`)),
    sizes: goldenSizes
  }
}
