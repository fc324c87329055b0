import type { Dtype } from "../../tensor/field.ts"
import { type Literal, sizeOf } from "../program.ts"
import { fromZero, type OpTable } from "./spec.ts"

const full = (shape: readonly number[], size: number): readonly number[] => {
  const known = shape.filter((d) => d >= 0).reduce((a, b) => a * b, 1)
  return shape.map((d) => (d < 0 ? size / known : d))
}

/** Operations that move elements without computing. */
export const shape = {
  Constant: {
    inputs: [],
    infer: (_, a) => [{ shape: a["shape"] as number[], dtype: a["dtype"] as Dtype }]
  },
  Fill: { inputs: [], infer: (_, a) => [{ shape: a["shape"] as number[], dtype: (a["dtype"] as Dtype) ?? "float32" }] },
  Range: {
    inputs: [],
    infer: (_, a) => [
      {
        shape: [Math.max(0, Math.ceil(((a["stop"] as number) - (a["start"] as number)) / (a["step"] as number)))],
        dtype: a["dtype"] as Dtype
      }
    ]
  },
  Reshape: {
    inputs: ["x"],
    normalise: ([x], a) => ({ shape: full(a["shape"] as number[], sizeOf(x!.shape)) }),
    infer: ([x], a) => [{ shape: a["shape"] as number[], dtype: x!.dtype }]
  },
  ExpandDims: {
    inputs: ["input"],
    normalise: ([x], a) => ({ dim: fromZero(a["dim"] as number, x!.shape.length + 1) }),
    infer: ([x], a) => [{ shape: x!.shape.toSpliced(a["dim"] as number, 0, 1), dtype: x!.dtype }]
  },
  Transpose: {
    inputs: ["x"],
    infer: ([x], a) => [{ shape: (a["perm"] as number[]).map((p) => x!.shape[p]!), dtype: x!.dtype }]
  },
  Concat: {
    inputs: "list",
    normalise: ([x], a) => ({ axis: fromZero([a["axis"] as number].flat()[0]!, x!.shape.length) }),
    infer: (xs, a) => {
      const axis = a["axis"] as number
      return [
        {
          shape: xs[0]!.shape.with(
            axis,
            xs.reduce((n, x) => n + x.shape[axis]!, 0)
          ),
          dtype: xs[0]!.dtype
        }
      ]
    }
  },
  SplitV: {
    inputs: ["x"],
    normalise: ([x], a) => {
      const axis = fromZero([a["axis"] as number].flat()[0]!, x!.shape.length)
      const parts = a["numOrSizeSplits"]
      const sizes =
        typeof parts === "number"
          ? Array.from({ length: parts }, () => x!.shape[axis]! / parts)
          : full(parts as number[], x!.shape[axis]! + (parts as number[]).filter((d) => d < 0).length * 0)
      return { axis, numOrSizeSplits: sizes }
    },
    infer: ([x], a) =>
      (a["numOrSizeSplits"] as number[]).map((n) => ({ shape: x!.shape.with(a["axis"] as number, n), dtype: x!.dtype }))
  },
  Pack: {
    inputs: "list",
    normalise: ([x], a) => ({ axis: fromZero(a["axis"] as number, x!.shape.length + 1) }),
    infer: (xs, a) => [{ shape: xs[0]!.shape.toSpliced(a["axis"] as number, 0, xs.length), dtype: xs[0]!.dtype }]
  },
  Slice: {
    inputs: ["x"],
    normalise: ([x], a) => {
      const given = [a["begin"] as number].flat()
      const begin = x!.shape.map((_, i) => given[i] ?? 0)
      const sizes = [a["size"] as number].flat()
      return { begin, size: x!.shape.map((d, i) => ((sizes[i] ?? -1) < 0 ? d - begin[i]! : sizes[i]!)) }
    },
    infer: ([x], a) => [{ shape: a["size"] as number[], dtype: x!.dtype }]
  },
  PadV2: {
    inputs: ["x"],
    infer: ([x], a) => [
      {
        shape: x!.shape.map((d, i) => d + (a["paddings"] as number[][])[i]![0]! + (a["paddings"] as number[][])[i]![1]!),
        dtype: x!.dtype
      }
    ]
  },
  Tile: {
    inputs: ["x"],
    infer: ([x], a) => [{ shape: x!.shape.map((d, i) => d * (a["reps"] as number[])[i]!), dtype: x!.dtype }]
  },
  OneHot: {
    inputs: ["indices"],
    infer: ([x], a) => [{ shape: [...x!.shape, a["depth"] as number], dtype: (a["dtype"] as Dtype) ?? "int32" }]
  },
  GatherV2: {
    inputs: ["x", "indices"],
    normalise: ([x], a) => {
      if ((a["batchDims"] as number | undefined) ?? 0) throw new Error("gather with batchDims is not traced: use gatherTokens")
      return { axis: fromZero((a["axis"] as number | undefined) ?? 0, x!.shape.length), batchDims: 0 }
    },
    infer: ([x, indices], a) => {
      const axis = a["axis"] as number
      return [{ shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)], dtype: x!.dtype }]
    }
  },
  UnsortedSegmentSum: {
    inputs: ["x", "segmentIds"],
    infer: ([x, ids], a) => [{ shape: [a["numSegments"] as number, ...x!.shape.slice(ids!.shape.length)], dtype: x!.dtype }]
  }
} satisfies OpTable

/** Returns the literal of a constant node. */
export const literalOf = (attributes: { readonly [name: string]: unknown }): Literal => attributes["literal"] as Literal
