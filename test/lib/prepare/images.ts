import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import sharp from "sharp"

/** An image that no other number's looks like: sixteen colours drawn by the number, each passing into the next. */
export const distinctImage = (number: number, width = 40, height = 30): Promise<Buffer> => {
  let state = number * 2_654_435_761 + 12_345
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) | 0
    return (state >>> 8) & 255
  }
  const colours = Uint8Array.from({ length: 4 * 4 * 3 }, next)
  return sharp(colours, { raw: { width: 4, height: 4, channels: 3 } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** A folder of `count` images with a caption each; some may be given other bytes. */
export const imageFolder = async (
  folder: string,
  count: number,
  change: (number: number, bytes: Buffer) => Uint8Array | Promise<Uint8Array> = (_, bytes) => bytes,
  [width, height]: readonly [number, number] = [40, 30]
): Promise<string> => {
  mkdirSync(folder, { recursive: true })
  for (let number = 0; number < count; number++) {
    const name = join(folder, `p${String(number).padStart(4, "0")}`)
    writeFileSync(`${name}.jpg`, await change(number, await distinctImage(number, width, height)))
    writeFileSync(`${name}.txt`, `an image of the number ${number}\n`)
  }
  return folder
}
