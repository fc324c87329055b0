import type { Attributes, ValueType } from "../program.ts"
import type { OpTable } from "./spec.ts"

/** Zero padding of an image: rows above and below it, columns left and right of it. */
export interface Padding {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** Strides and padding of a convolution's node, and the rows and columns of its result. */
export interface Geometry {
  readonly strides: readonly [rows: number, columns: number]
  readonly padding: Padding
  readonly result: readonly [rows: number, columns: number]
}

type Shape = readonly number[]

/** Returns the padding before and after an axis, from tfjs's forms: a name, a number, or a list [before, after] for each axis. */
const around = (pad: unknown, axis: 1 | 2, size: number, kernel: number, stride: number): readonly [number, number] => {
  if (pad === "valid") return [0, 0]
  if (typeof pad === "number") return [pad, pad]
  if (pad !== "same") return (pad as readonly (readonly [number, number])[])[axis]!
  const all = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size)
  return [Math.floor(all / 2), Math.ceil(all / 2)]
}

const normalised = (image: Shape, filter: Shape, a: Attributes): Attributes => {
  const strides = Array.isArray(a["strides"]) ? (a["strides"] as number[]) : [a["strides"] as number, a["strides"] as number]
  if ((a["dataFormat"] ?? "NHWC") !== "NHWC")
    throw new Error(`a convolution of ${a["dataFormat"]}: images are [batch, rows, columns, channels]`)
  if ([a["dilations"] ?? 1].flat().some((d) => d !== 1))
    throw new Error(`a convolution with dilations ${a["dilations"]}: there are none`)
  const of = (axis: 1 | 2) => around(a["pad"], axis, image[axis]!, filter[axis - 1]!, strides[axis - 1]!)
  return { strides, pad: [[0, 0], of(1), of(2), [0, 0]], dataFormat: "NHWC", dilations: [1, 1] }
}

/** Returns the geometry of a convolution of an image by a filter, from the attributes of its node or of its gradients' nodes. */
export const geometryOf = (image: Shape, filter: Shape, attributes: Attributes): Geometry => {
  const strides = attributes["strides"] as [number, number]
  const [, [top, bottom], [left, right]] = attributes["pad"] as [unknown, [number, number], [number, number]]
  const length = (axis: 0 | 1, padded: number): number =>
    Math.floor((image[axis + 1]! + padded - filter[axis]!) / strides[axis]) + 1
  return { strides, padding: { top, bottom, left, right }, result: [length(0, top + bottom), length(1, left + right)] }
}

/** Returns the shape of a convolution's result; throws where image and filter do not fit. */
const resultOf = (image: Shape, filter: Shape, attributes: Attributes): Shape => {
  const { result } = geometryOf(image, filter, attributes)
  if (image.length !== 4 || filter.length !== 4 || image[3] !== filter[2] || result.some((n) => n < 1))
    throw new Error(
      `a convolution of [${image}] by [${filter}] (padding ${attributes["pad"]}): it takes [batch, rows, columns, in] by [rows, columns, in, out], a filter no larger than the padded image`
    )
  return [image[0]!, ...result, filter[3]!]
}

/** Infers the type of a gradient of a convolution of an image by a filter, which reads the gradient of its result. */
const gradient = (image: Shape, filter: Shape, dy: ValueType, attributes: Attributes, of: Shape): readonly ValueType[] => {
  const result = resultOf(image, filter, attributes)
  if (result.join() !== dy.shape.join()) throw new Error(`the gradient of a convolution's result [${result}] is [${dy.shape}]`)
  return [{ shape: of, dtype: "float32" }]
}

/** Convolutions of images [batch, rows, columns, in] by filters [rows, columns, in, out], named as in tfjs. */
export const convolution = {
  Conv2D: {
    inputs: ["x", "filter"],
    normalise: ([x, filter], a) => normalised(x!.shape, filter!.shape, a),
    infer: ([x, filter], a) => [{ shape: resultOf(x!.shape, filter!.shape, a), dtype: "float32" }]
  },
  /** Gradient of the image, of `inputShape`: a transposed convolution. */
  Conv2DBackpropInput: {
    inputs: ["dy", "filter"],
    normalise: ([, filter], a) => {
      const inputShape = a["inputShape"] as Shape
      return { ...normalised(inputShape, filter!.shape, a), inputShape }
    },
    infer: ([dy, filter], a) => gradient(a["inputShape"] as Shape, filter!.shape, dy!, a, a["inputShape"] as Shape)
  },
  /** Gradient of the filter, of `filterShape`. */
  Conv2DBackpropFilter: {
    inputs: ["x", "dy"],
    normalise: ([x], a) => {
      const filterShape = a["filterShape"] as Shape
      return { ...normalised(x!.shape, filterShape, a), filterShape }
    },
    infer: ([x, dy], a) => gradient(x!.shape, a["filterShape"] as Shape, dy!, a, a["filterShape"] as Shape)
  }
} satisfies OpTable
