import { type Affine, invert } from "./affine.ts"

/** A colour, 0 to 255 each. */
export type Colour = readonly [red: number, green: number, blue: number]

/** Warps a square image by an affine map, bilinear, with a colour outside it: uint8 [size, size, 3]. */
export const warp = (data: Uint8Array, size: number, map: Affine, fill: Colour): Uint8Array => {
  const [a, b, c, d, e, f] = invert(map)
  const out = new Uint8Array(data.length)
  const line = size * 3
  const last = size - 1
  // A pixel of the image, or the colour outside it.
  const pixel = (x: number, y: number, channel: number): number =>
    x < 0 || y < 0 || x > last || y > last ? fill[channel]! : data[y * line + x * 3 + channel]!
  let o = 0
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++, o += 3) {
      const u = a * x + b * y + c
      const v = d * x + e * y + f
      if (!(u > -1 && v > -1 && u < size && v < size)) {
        out[o] = fill[0]
        out[o + 1] = fill[1]
        out[o + 2] = fill[2]
        continue
      }
      const left = Math.floor(u)
      const top = Math.floor(v)
      const right = u - left
      const bottom = v - top
      const w00 = (1 - right) * (1 - bottom)
      const w01 = right * (1 - bottom)
      const w10 = (1 - right) * bottom
      const w11 = right * bottom
      if (left >= 0 && top >= 0 && left < last && top < last) {
        const at = top * line + left * 3
        const below = at + line
        out[o] = w00 * data[at]! + w01 * data[at + 3]! + w10 * data[below]! + w11 * data[below + 3]! + 0.5
        out[o + 1] = w00 * data[at + 1]! + w01 * data[at + 4]! + w10 * data[below + 1]! + w11 * data[below + 4]! + 0.5
        out[o + 2] = w00 * data[at + 2]! + w01 * data[at + 5]! + w10 * data[below + 2]! + w11 * data[below + 5]! + 0.5
        continue
      }
      for (let channel = 0; channel < 3; channel++) {
        const above = w00 * pixel(left, top, channel) + w01 * pixel(left + 1, top, channel)
        out[o + channel] = above + w10 * pixel(left, top + 1, channel) + w11 * pixel(left + 1, top + 1, channel) + 0.5
      }
    }
  }
  return out
}
