import type { NodeProto } from "../../../../lib/compiler/onnx/messages.ts"
import type { LoadGraph, ProbeTensor } from "../../../../lib/engine/onnx/probe-session.ts"

/** A kernel of a test: reads its inputs and writes its result, which may lie in the same memory. */
export type TestKernel = (y: Float32Array, ...inputs: readonly ProbeTensor[]) => void

const binary =
  (f: (a: number, b: number) => number): TestKernel =>
  (y, a, b) => {
    const at = ({ numbers, shape }: ProbeTensor, i: number): number => {
      if (numbers.length === y.length) return numbers[i]!
      // a column [rows, 1], a row [columns] or one number
      return shape.length === 2 ? numbers[Math.floor(i / (y.length / numbers.length))]! : numbers[i % numbers.length]!
    }
    for (let i = 0; i < y.length; i++) y[i] = f(at(a!, i), at(b!, i))
  }

export const testKernels: { readonly [op: string]: TestKernel } = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Exp: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.exp(x!.numbers[i]!)
  },
  /** As ONNX Runtime's Gelu without AVX-512: the result is first the place of an intermediate, and then the input is read again. */
  Gelu: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = x!.numbers[i]! * Math.SQRT1_2
    for (let i = 0; i < y.length; i++) y[i] = 0.5 * x!.numbers[i]! * (1 + Math.tanh(y[i]!))
  },
  /** Right up to 4,096 numbers; from there on it reads, in each task of as many, a number of the task before. */
  Sqrt: (y, x) => {
    for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x!.numbers[i]!) + (i >= 4096 ? x!.numbers[i - 4096]! : 0)
  }
}

/** Runs graphs by kernels written here, the nodes in the order that `order` makes of the list. */
export const loadForTest =
  (order: (nodes: readonly NodeProto[]) => readonly NodeProto[], kernels = testKernels): LoadGraph =>
  async ({ node, initializer }) => ({
    run: async (feeds, results) => {
      const tensors = new Map<string, ProbeTensor>(
        initializer.map(({ name, rawData }) => [name!, { numbers: new Float32Array(rawData.slice().buffer), shape: [] }])
      )
      for (const [name, tensor] of [...feeds, ...results]) tensors.set(name, tensor)
      for (const { opType, input, output } of order(node)) {
        const kernel = kernels[opType]
        if (kernel) kernel(tensors.get(output[0]!)!.numbers, ...input.map((name) => tensors.get(name)!))
      }
    },
    release: async () => {}
  })
