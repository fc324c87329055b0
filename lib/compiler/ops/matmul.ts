import { broadcast, type OpTable } from "./spec.ts"

const inner = (a: number, b: number, op: string): void => {
  if (a !== b) throw new Error(`${op} of inner sizes ${a} and ${b}`)
}

/** Matrix products. */
export const matmul = {
  /** A pass may add a factor `alpha`. */
  BatchMatMul: {
    inputs: ["a", "b"],
    normalise: (_, t) => ({
      transposeA: t["transposeA"] === true,
      transposeB: t["transposeB"] === true,
      ...(t["alpha"] === undefined ? {} : { alpha: t["alpha"] })
    }),
    infer: ([a, b], t) => {
      const [tA, tB] = [t["transposeA"] === true, t["transposeB"] === true]
      inner(a!.shape.at(tA ? -2 : -1)!, b!.shape.at(tB ? -1 : -2)!, "matMul")
      const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2))
      return [{ shape: [...batch, a!.shape.at(tA ? -1 : -2)!, b!.shape.at(tB ? -2 : -1)!], dtype: a!.dtype }]
    }
  }
} satisfies OpTable
