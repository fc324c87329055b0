import { Effect } from "effect"
import type { Weight, Weights } from "./hugging-face.ts"
import { readSafetensors } from "./read-safetensors.ts"
import type { FileDtype } from "./stored-tensor.ts"
import { WeightsError } from "./weights-error.ts"
import { type WeightsPart, weightsParts } from "./weights-parts.ts"

const floats = new Set<FileDtype>(["F32", "F16", "BF16", "F64"])
/** Weights in fewer bits, whose scales stand elsewhere; other integers are buffers, such as the numbers of positions. */
const isQuantized = (name: string, dtype: FileDtype): boolean =>
  dtype.startsWith("F8") || ((dtype === "I8" || dtype === "U8") && /(^|[._])(q?weight|bias)$/.test(name))

const readPart = Effect.fnUntraced(function* ({ file: path, names }: WeightsPart, weights: Map<string, Weight>) {
  const file = yield* readSafetensors(path)
  for (const name of names ?? file.tensors.keys()) {
    const dtype = file.tensors.get(name)?.dtype
    if (dtype !== undefined && isQuantized(name, dtype))
      return yield* new WeightsError({
        file: path,
        reason: `${name} is of type ${dtype}: quantized weights are not read; give those in float32, float16 or bfloat16`
      })
    if (dtype !== undefined && !floats.has(dtype)) continue
    const { shape, data } = yield* file.tensor(name)
    if (data instanceof Float32Array) weights.set(name, { shape, data })
  }
})

/**
 * All weights of a safetensors file, of the files that a `model.safetensors.index.json` lists, or of a folder that has one of the
 * two, as float32; integers, which are buffers and no weights, are left out.
 */
export const readWeights = Effect.fn("weights.readWeights")(function* (path: string) {
  const weights = new Map<string, Weight>()
  for (const part of yield* weightsParts(path)) yield* Effect.scoped(readPart(part, weights))
  return weights as Weights
})
