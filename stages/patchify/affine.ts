/** x' = a·x + b·y + c, y' = d·x + e·y + f, in pixels; a pixel's centre is at whole numbers. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

export const identity: Affine = [1, 0, 0, 0, 1, 0]

/** Composes two maps: first `inner`, then `outer`. */
export const compose = (outer: Affine, inner: Affine): Affine => {
  const [a, b, c, d, e, f] = outer
  const [A, B, C, D, E, F] = inner
  return [a * A + b * D, a * B + b * E, a * C + b * F + c, d * A + e * D, d * B + e * E, d * C + e * F + f]
}

/** Inverts a map; the determinant must not be 0. */
export const invert = ([a, b, c, d, e, f]: Affine): Affine => {
  const determinant = a * e - b * d
  const [A, B, D, E] = [e / determinant, -b / determinant, -d / determinant, a / determinant]
  return [A, B, -(A * c + B * f), D, E, -(D * c + E * f)]
}

/** x' = x + factor·y. */
export const shearX = (factor: number): Affine => [1, factor, 0, 0, 1, 0]

/** y' = y + factor·x. */
export const shearY = (factor: number): Affine => [1, 0, 0, factor, 1, 0]

export const translate = (x: number, y: number): Affine => [1, 0, x, 0, 1, y]

/** Rotates anticlockwise as seen, by degrees, about the centre of a `size` × `size` image (OpenCV's `getRotationMatrix2D`). */
export const rotate = (degrees: number, size: number): Affine => {
  const radians = (degrees * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const middle = size / 2
  return [cos, sin, (1 - cos) * middle - sin * middle, -sin, cos, sin * middle + (1 - cos) * middle]
}
