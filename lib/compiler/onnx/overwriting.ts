import type { Overwrites } from "../in-place.ts"

/** Positions of the inputs that a kernel may write its result over, by ONNX op. */
export interface Overwritable {
  readonly [op: string]: readonly number[]
}

/**
 * Inputs that results may overwrite to save memory, where a probe of the kernels allows it (lib/engine/onnx/probe.ts). ONNX
 * Runtime declares none of these; each is a kernel that reads element i (or row i, or the matrix C) before it writes it. Gelu is
 * not among them: its kernels are documented as needing separate memory, and only the one for AVX-512 would tolerate an overlap.
 */
export const overwriteCandidates = {
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Div: [0, 1],
  Max: [0, 1],
  Min: [0, 1],
  Sum: [0],
  Gemm: [2],
  Abs: [0],
  Clip: [0],
  Erf: [0],
  Exp: [0],
  Log: [0],
  LogSoftmax: [0],
  Neg: [0],
  Reciprocal: [0],
  Sigmoid: [0],
  Softmax: [0],
  Sqrt: [0],
  Tanh: [0]
} satisfies Overwritable

/** Findings of the probe about the kernels of this machine. */
export interface KernelFacts {
  readonly overwritable: Overwritable
  /** True where nodes run in the order that the model asks for (execution-order.ts); otherwise no memory is planned. */
  readonly inOrder: boolean
}

/** Facts that assume nothing: every result has memory of its own. */
export const noFacts: KernelFacts = { overwritable: {}, inOrder: false }

/** ONNX ops by the IR op that they compute, for ops that may write their result over a window of the state that they read. */
const updating: ReadonlyMap<string, string> = new Map([
  ["Add", "Add"],
  ["Sub", "Sub"],
  ["Multiply", "Mul"],
  ["Square", "Mul"],
  ["RealDiv", "Div"],
  ["Maximum", "Max"],
  ["Minimum", "Min"],
  ["Neg", "Neg"],
  ["Abs", "Abs"],
  ["Sqrt", "Sqrt"],
  ["ClipByValue", "Clip"]
])

/** Accepts nodes that may write over state: the probe (of float32) allowed it for every input that they could overwrite. */
export const overwritesState =
  ({ overwritable }: KernelFacts): Overwrites =>
  (program, node) => {
    const op = updating.get(node.op) ?? ""
    const wanted = (overwriteCandidates as Overwritable)[op] ?? []
    return (
      program.values[node.outputs[0]!]!.dtype === "float32" &&
      wanted.length > 0 &&
      wanted.every((position) => overwritable[op]?.includes(position))
    )
  }
