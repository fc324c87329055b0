import sharp from "sharp"
import { derive, key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"

/** Octaves of noise, coarse to fine: cells along the longer side, and how much they add to a channel's value. */
const octaves = [
  [3, 90],
  [9, 45],
  [30, 24],
  [90, 14],
  [320, 9]
] as const

/** An image with the detail of a photograph (noise at five scales, over a few shapes), as JPEG: a function of its number. */
export const photo = async (number: number, width: number, height: number, quality: number): Promise<Buffer> => {
  const own = derive(key(20260), "photo", number)
  const layers = octaves.map(async ([cells, strength], octave) => {
    const rows = Math.max(2, Math.ceil((cells * height) / width))
    const values = Uint8Array.from(uniform(derive(own, octave), cells * rows * 3), (value) => value * 255)
    const raw = { width: cells, height: rows, channels: 3 as const }
    const scaled = await sharp(values, { raw }).resize(width, height, { fit: "fill", kernel: "cubic" }).raw().toBuffer()
    return { scaled, strength }
  })
  const made = await Promise.all(layers)
  const pixels = new Uint8ClampedArray(width * height * 3)
  const shapes = uniform(derive(own, "shapes"), 6 * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let base = 128
      for (let s = 0; s < 24; s += 4) {
        const [u, v] = [(x / width - shapes[s]!) * 4, (y / height - shapes[s + 1]!) * 4]
        if (u * u + v * v < shapes[s + 2]!) base = 60 + shapes[s + 3]! * 140
      }
      const at = (y * width + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        let value = base
        for (const { scaled, strength } of made) value += ((scaled[at + channel]! - 128) / 128) * strength
        pixels[at + channel] = value
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .toBuffer()
}
