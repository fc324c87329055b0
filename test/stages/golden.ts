import { readFileSync } from "node:fs"
import * as tf from "@tensorflow/tfjs"
import { decode } from "../../lib/store/safetensors/safetensors.ts"
import { dualEncoder } from "../../stages/encode/model.ts"
import { sizes } from "../../stages/encode/sizes.ts"
import { crossModal } from "../../stages/fuse/fusion.ts"
import { prototypeHead } from "../../stages/reconstruct/prototype-head.ts"
import { semmimStages } from "./semmim-stages.ts"

/** Tensors of a golden file as tfjs tensors. */
export const golden = (file: string) => {
  const { tensors, metadata } = decode(readFileSync(new URL(`../golden/${file}`, import.meta.url)), file)
  const tensor = (name: string): tf.Tensor => {
    const stored = tensors.get(name)
    if (!stored) throw new Error(`${file} has no '${name}'`)
    const dtype = stored.dtype === "F32" ? "float32" : stored.dtype === "I32" ? "int32" : "bool"
    return tf.tensor(stored.data as Float32Array, [...stored.shape], dtype)
  }
  const values = (name: string): ArrayLike<number> => {
    const stored = tensors.get(name)
    if (!stored) throw new Error(`${file} has no '${name}'`)
    return stored.data as ArrayLike<number>
  }
  return { names: [...tensors.keys()], metadata, tensor, values }
}

/** The largest absolute difference, and the norm of the difference over the norm of what is expected. */
export const distance = (got: ArrayLike<number>, expected: ArrayLike<number>) => {
  if (got.length !== expected.length) throw new Error(`${got.length} numbers, but ${expected.length} are expected`)
  let largest = 0
  let square = 0
  let norm = 0
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!)
    largest = Math.max(largest, difference)
    square += difference ** 2
    norm += expected[i]! ** 2
  }
  return { largest, relative: Math.sqrt(square / Math.max(norm, 1e-30)) }
}

const model = dualEncoder(sizes.tiny, { vocabulary: 200, maxPositions: 64 })

/** The stages of step.safetensors, and the sizes of its dimensions. */
export const goldenStages = semmimStages(model, crossModal(sizes.tiny), prototypeHead(sizes.tiny.space), 16)
export const goldenSizes = Object.assign(
  { batch: 4, patches: 16, pixels: 192, tokens: 12 },
  ...goldenStages.map((stage) => stage.sizes)
) as Readonly<Record<string, number>>
