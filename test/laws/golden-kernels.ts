import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import { type Tracer, trace } from "../../lib/compiler/trace.ts"
import type { Engine, EngineOptions, NamedNumbers } from "../../lib/engine/engine.ts"
import { conv2d, conv2dTranspose } from "../../lib/tensor/convolution.ts"
import { attention } from "../../lib/tensor/own.ts"
import { distance, golden } from "../stages/golden.ts"

type Named = Readonly<Record<string, tf.Tensor>>

/** One case of a golden file: inputs with gradients, by their names here and in the file, and what is computed of them. */
interface GoldenCase {
  /** Under what its output, probe and gradients stand in the file. */
  readonly prefix: string
  readonly inputs: Readonly<Record<string, string>>
  readonly compute: (inputs: Named) => tf.Tensor
}

const attentionFile = golden("attention.safetensors")
const heads = Number(attentionFile.metadata.get("heads"))
const casesOf = ({ names }: typeof attentionFile) => [...new Set(names.map((name) => name.split("/")[0]!))]
const attentionCases = casesOf(attentionFile).map(
  (prefix): GoldenCase => ({
    prefix,
    inputs: Object.fromEntries(["query", "key", "value", "bias"].map((name) => [name, `${prefix}/${name}`])),
    compute: ({ query, key, value, bias }) => attention(query as never, key as never, value as never, heads, bias as never)
  })
)

const convolutionFile = golden("convolution.safetensors")
const convolutionCases = casesOf(convolutionFile).flatMap((prefix): readonly GoldenCase[] => {
  const list = (name: string) => Array.from(convolutionFile.values(`${prefix}/${name}`))
  const [top, bottom, left, right] = list("padding") as [number, number, number, number]
  const stride = list("stride") as [number, number]
  const padding = [
    [top, bottom],
    [left, right]
  ] as const
  const [, rows, columns] = convolutionFile.tensor(`${prefix}/x`).shape as [number, number, number]
  const filter = `${prefix}/filter`
  return [
    {
      prefix,
      inputs: { x: `${prefix}/x`, filter },
      compute: ({ x, filter }) => conv2d(x as never, filter as never, { stride, padding })
    },
    {
      prefix: `${prefix}/transposed`,
      inputs: { y: `${prefix}/transposed/y`, filter },
      compute: ({ y, filter }) => conv2dTranspose(y as never, filter as never, [rows, columns], { stride, padding })
    }
  ]
})

/** The output of a case and the gradients of Σ output · probe, on an engine, held against the file. */
const faultsOf = Effect.fn(function* (
  engine: Engine,
  options: EngineOptions,
  file: ReturnType<typeof golden>,
  cases: readonly GoldenCase[]
) {
  const session = yield* engine.open({}, options)
  const faults: string[] = []
  for (const { prefix, inputs, compute } of cases) {
    const stored: Readonly<Record<string, string>> = { ...inputs, probe: `${prefix}/probe` }
    const names = Object.keys(inputs)
    const input = (t: Tracer, name: string) => t.input(name, file.tensor(stored[name]!).shape, "float32")
    const program = trace((t) => {
      const given = Object.fromEntries(names.map((name) => [name, input(t, name)]))
      let output: tf.Tensor | undefined
      const { grads } = tf.engine().gradients(() => {
        output = compute(given)
        return tf.sum(tf.mul(output, input(t, "probe")))
      }, Object.values(given))
      return { outputs: { output: output!, ...Object.fromEntries(names.map((name, i) => [`gradient/${name}`, grads[i]!])) } }
    })
    const executable = yield* session.compile(prefix, program)
    const feeds: NamedNumbers = Object.fromEntries(
      Object.entries(stored).map(([name, place]) => [name, Float32Array.from(file.values(place))])
    )
    for (const [name, numbers] of Object.entries(yield* executable.run(feeds))) {
      const { relative } = distance(numbers, file.values(`${prefix}/${name}`))
      if (!(relative < 2e-6)) faults.push(`${prefix}/${name} is ${relative} off`)
    }
  }
  return faults
}, Effect.scoped)

/** That an engine computes attention and convolutions, and their gradients, as PyTorch does in float64. */
export const goldenKernelLaws = (engine: Engine, options: EngineOptions = { threads: 1 }): void => {
  describe(`engine ${engine.name} computes what PyTorch does in float64`, () => {
    it.effect("for attention with a bias of any kind, and its gradients, the bias's among them", () =>
      Effect.map(faultsOf(engine, options, attentionFile, attentionCases), (faults) => assert.deepEqual(faults, []))
    )
    it.effect("for convolutions and transposed ones, and the gradients of image and filter", () =>
      Effect.map(faultsOf(engine, options, convolutionFile, convolutionCases), (faults) => assert.deepEqual(faults, []))
    )
  })
}
