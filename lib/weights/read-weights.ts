import { Effect } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import { readSafetensors } from "../store/safetensors/read-safetensors.ts"
import type { FileDtype } from "../store/safetensors/stored-tensor.ts"
import type { Weight, Weights } from "./hugging-face.ts"
import { type WeightsPart, weightsParts } from "./weights-parts.ts"

const floats = new Set<FileDtype>(["F32", "F16", "BF16", "F64"])
const isQuantized = (dtype: FileDtype): boolean => dtype.startsWith("F8") || dtype === "I8" || dtype === "U8"
/** Names of weights; other integer tensors are buffers, such as position ids. */
const weightName = /(^|[._])(q?weight|bias|gamma|beta)$/

/** Returns the reason why a tensor named as a weight cannot be read; undefined for floats and for buffers. */
const typeFault = (name: string, dtype: FileDtype): string | undefined => {
  if (floats.has(dtype) || (!dtype.startsWith("F") && !weightName.test(name))) return undefined
  const what = isQuantized(dtype) ? "quantized weights are not read" : "weights are floating-point numbers"
  return `${name} is of type ${dtype}: ${what}; give those in float32, float16 or bfloat16`
}

const readPart = Effect.fnUntraced(function* ({ file: path, names }: WeightsPart, weights: Map<string, Weight>) {
  const file = yield* readSafetensors(path)
  for (const name of names ?? file.tensors.keys()) {
    const dtype = file.tensors.get(name)?.dtype
    const fault = dtype === undefined ? undefined : typeFault(name, dtype)
    if (fault !== undefined) return yield* new WeightsError({ file: path, reason: fault })
    if (dtype !== undefined && !floats.has(dtype)) continue
    const { shape, data } = yield* file.tensor(name)
    if (data instanceof Float32Array) weights.set(name, { shape, data })
  }
})

/**
 * Reads all weights of a safetensors file, of the files that a `model.safetensors.index.json` lists, or of a folder that has one
 * of the two, as float32; integers, which are buffers and not weights, are omitted.
 */
export const readWeights = Effect.fn("weights.readWeights")(function* (path: string) {
  const weights = new Map<string, Weight>()
  for (const part of yield* weightsParts(path)) yield* Effect.scoped(readPart(part, weights))
  return weights as Weights
})
