import * as tf from "@tensorflow/tfjs"
import { decompositions } from "./decompose.ts"
import { ownKernelInputs } from "./own-kernel-inputs.ts"

type Saved = tf.Tensor[]
type Gradient = (dy: tf.Tensor, saved: Saved, attributes: tf.NamedAttrMap) => Record<string, () => tf.Tensor>
interface GradientRow {
  readonly inputs: readonly string[]
  readonly outputs: readonly boolean[]
  readonly gradient: Gradient
}

const run = (op: string, inputs: Record<string, tf.Tensor>, attributes: object = {}): tf.Tensor[] =>
  [tf.engine().runKernel(op, inputs, attributes as never)].flat() as tf.Tensor[]
/**
 * Computes a result once for several inputs. It is kept, since tfjs tidies up after each input's gradient; in a trace there is
 * nothing to keep.
 */
const lazily = (f: () => tf.Tensor[]): (() => tf.Tensor[]) => {
  let made: tf.Tensor[] | undefined
  return () => {
    made ??= f().map((tensor) => tf.keep(tensor))
    return made
  }
}
const rows = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [-1, x.shape.at(-1)!])

const linear: Gradient = (dy, [x, weight]) => ({
  x: () => tf.reshape(tf.matMul(rows(dy), weight as tf.Tensor2D), x!.shape),
  weight: () => tf.matMul(rows(dy), rows(x!), true, false),
  bias: () => tf.sum(rows(dy), 0)
})
const refuse = (what: string) => () => {
  throw new Error(`${what} has no gradient: detach it`)
}

const table: { readonly [op: string]: GradientRow } = {
  Linear: { inputs: ["x", "weight"], outputs: [], gradient: linear },
  LinearUnbiased: { inputs: ["x", "weight"], outputs: [], gradient: linear },
  LayerNorm: {
    inputs: ["x", "weight"],
    outputs: [false, true, true],
    gradient: (dys, [x, weight, mean, inverseDeviation]) => {
      const dy = ([dys].flat() as tf.Tensor[])[0]!
      const all = lazily(() =>
        run("LayerNormGrad", { dy, x: x!, weight: weight!, mean: mean!, inverseDeviation: inverseDeviation! })
      )
      return { x: () => all()[0]!, weight: () => all()[1]!, bias: () => all()[2]! }
    }
  },
  Gelu: { inputs: ["x"], outputs: [], gradient: (dy, [x]) => ({ x: () => run("GeluGrad", { dy, x: x! })[0]! }) },
  Attention: {
    inputs: ["query", "key", "value"],
    outputs: [true],
    gradient: (dy, [query, key, value, output], attributes) => {
      const all = lazily(() => run("AttentionGrad", { dy, query: query!, key: key!, value: value!, output: output! }, attributes))
      return { query: () => all()[0]!, key: () => all()[1]!, value: () => all()[2]! }
    }
  },
  BiasedAttention: {
    inputs: ["query", "key", "value", "bias"],
    outputs: [true],
    gradient: (dy, [query, key, value, bias, output], attributes) => {
      const inputs = { dy, query: query!, key: key!, value: value!, output: output!, bias: bias! }
      const all = lazily(() => run("BiasedAttentionGrad", inputs, attributes))
      const ofBias = () => run("AttentionBiasGrad", inputs, attributes)[0]!
      return { query: () => all()[0]!, key: () => all()[1]!, value: () => all()[2]!, bias: ofBias }
    }
  },
  SoftCrossEntropy: {
    inputs: ["logits", "targets"],
    outputs: [],
    gradient: (dy, [logits, targets]) => ({
      logits: () => run("SoftCrossEntropyGrad", { dy, logits: logits!, targets: targets! })[0]!,
      targets: refuse("the target of a cross-entropy")
    })
  }
}

/**
 * Silences tfjs's CPU backend, which advertises another package at its first write; that write is made here, with the message
 * suppressed.
 */
const quieten = (): void => {
  const loud = tf.env().get("IS_TEST")
  tf.env().set("IS_TEST", true)
  const cpu = tf.engine().findBackend("cpu")
  const id = cpu.write(Float32Array.of(0), [1], "float32")
  cpu.disposeData(id)
  tf.env().set("IS_TEST", loud)
}

let installed = false
/** Registers our kernels' gradients, and their decompositions as kernels of tfjs's CPU backend, once per process. */
export const installGradients = (): void => {
  if (installed) return
  installed = true
  quieten()
  for (const [kernelName, row] of Object.entries(table))
    tf.registerGradient({
      kernelName,
      inputsToSave: [...row.inputs],
      ...(row.outputs.length > 0 ? { outputsToSave: [...row.outputs] } : {}),
      gradFunc: row.gradient as never
    })
  for (const [kernelName, decomposition] of Object.entries(decompositions)) {
    const names = ownKernelInputs[kernelName as keyof typeof decompositions]
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs?: unknown }): tf.TensorInfo | tf.TensorInfo[] => {
      const given = inputs as Record<string, tf.Tensor>
      const made = tf.tidy(() => [
        ...decomposition(
          names.map((name) => given[name]!),
          (attrs ?? {}) as Record<string, unknown>
        )
      ])
      return made.length === 1 ? made[0]! : made
    }
    tf.registerKernel({ kernelName, backendName: "cpu", kernelFunc: kernelFunc as never })
  }
}
