import { broadcast, type OpSpec, type OpTable } from "./spec.ts"

const product: OpSpec["infer"] = ([a, b, c], t) => {
  const [rows, inner] = t["transposeA"] === true ? a!.shape.toReversed() : a!.shape
  const [same, columns] = t["transposeB"] === true ? b!.shape.toReversed() : b!.shape
  if (a!.shape.length !== 2 || b!.shape.length !== 2 || inner !== same) throw new Error(`Gemm of [${a!.shape}] and [${b!.shape}]`)
  const shape = [rows!, columns!]
  if (c && broadcast(c.shape, shape).join() !== shape.join()) throw new Error(`Gemm adds [${c.shape}] to [${shape}]`)
  return [{ shape, dtype: "float32" }]
}

/** Ops that no trace records: passes insert them where a target has one kernel for several ops. */
export const fused = {
  /** alpha · a b, of matrices that may be transposed. */
  Gemm: { inputs: ["a", "b"], infer: product },
  /** alpha · a b + c, where c is a matrix or a row for all rows. */
  GemmAdd: { inputs: ["a", "b", "c"], infer: product },
  /** Sum of the squares of all elements. */
  SquareSum: { inputs: ["x"], infer: () => [{ shape: [], dtype: "float32" }] },
  LogSoftmax: { inputs: ["logits"], infer: ([x]) => [x!] },
  /** `data` with each row of `rows` added to the row of its index; an index may occur several times. */
  ScatterAdd: { inputs: ["data", "indices", "rows"], infer: ([data]) => [data!] }
} satisfies OpTable
