import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import { type Tracer, trace } from "../../lib/compiler/trace.ts"
import type { Engine, EngineOptions, NamedNumbers } from "../../lib/engine/engine.ts"
import { attention } from "../../lib/tensor/own.ts"
import { distance, golden } from "../stages/golden.ts"

type Named = Readonly<Record<string, tf.Tensor>>

/** One case of a golden file: inputs with gradients, by the names that the file has under `prefix`, and what is computed of them. */
interface GoldenCase {
  readonly prefix: string
  readonly inputs: readonly string[]
  readonly compute: (inputs: Named) => tf.Tensor
}

const attentionFile = golden("attention.safetensors")
const heads = Number(attentionFile.metadata.get("heads"))
const attentionCases = [...new Set(attentionFile.names.map((name) => name.split("/")[0]!))].map(
  (prefix): GoldenCase => ({
    prefix,
    inputs: ["query", "key", "value", "bias"],
    compute: ({ query, key, value, bias }) => attention(query as never, key as never, value as never, heads, bias as never)
  })
)

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
    const input = (t: Tracer, name: string) => t.input(name, file.tensor(`${prefix}/${name}`).shape, "float32")
    const program = trace((t) => {
      const given = Object.fromEntries(inputs.map((name) => [name, input(t, name)]))
      let output: tf.Tensor | undefined
      const { grads } = tf.engine().gradients(() => {
        output = compute(given)
        return tf.sum(tf.mul(output, input(t, "probe")))
      }, Object.values(given))
      return { outputs: { output: output!, ...Object.fromEntries(inputs.map((name, i) => [`gradient/${name}`, grads[i]!])) } }
    })
    const executable = yield* session.compile(prefix, program)
    const feeds: NamedNumbers = Object.fromEntries(
      [...inputs, "probe"].map((name) => [name, Float32Array.from(file.values(`${prefix}/${name}`))])
    )
    for (const [name, numbers] of Object.entries(yield* executable.run(feeds))) {
      const { relative } = distance(numbers, file.values(`${prefix}/${name}`))
      if (!(relative < 2e-6)) faults.push(`${prefix}/${name} is ${relative} off`)
    }
  }
  return faults
}, Effect.scoped)

/** That an engine computes attention, and its gradients, as PyTorch does in float64. */
export const goldenKernelLaws = (engine: Engine, options: EngineOptions = { threads: 1 }): void => {
  describe(`engine ${engine.name} computes what PyTorch does in float64`, () => {
    it.effect("for attention with a bias of any kind, and its gradients, the bias's among them", () =>
      Effect.map(faultsOf(engine, options, attentionFile, attentionCases), (faults) => assert.deepEqual(faults, []))
    )
  })
}
