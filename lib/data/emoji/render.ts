import { Effect, Schema } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { SampleError } from "../../pipeline/errors.ts"
import { imageLoaders } from "../image-loaders.ts"
import type { EmojiPair } from "./catalogue.ts"
import { packageFile } from "./package-file.ts"
import { type Vendor, vendors } from "./vendor.ts"

const Icon = Schema.Struct({
  body: Schema.String,
  left: Schema.optionalKey(Schema.Finite),
  top: Schema.optionalKey(Schema.Finite),
  width: Schema.optionalKey(Schema.Finite),
  height: Schema.optionalKey(Schema.Finite)
})
const IconSet = Schema.Struct({
  icons: Schema.Record(Schema.String, Icon),
  width: Schema.optionalKey(Schema.Finite),
  height: Schema.optionalKey(Schema.Finite)
})

/** Returns a vendor's drawing, by the vendor's name, as an SVG document with a side in pixels. */
export type Drawings = (icon: string, size: number) => string | undefined

/** Loads a vendor's drawings (9 to 25 MB of JSON); a box that is not square is centred in the square. */
export const loadDrawings = Effect.fn("emoji.loadDrawings")(function* (vendor: Vendor) {
  const set = yield* packageFile(`${vendors[vendor]}/icons.json`, IconSet)
  const drawings: Drawings = (name, size) => {
    if (!Object.hasOwn(set.icons, name)) return undefined
    const { body, left = 0, top = 0, width = set.width ?? 16, height = set.height ?? 16 } = set.icons[name]!
    const box = `viewBox="${left} ${top} ${width} ${height}" width="${size}" height="${size}"`
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${box}>${body}</svg>`
  }
  return drawings
})

/** Renders the image of a pair, `size` × `size` pixels on white, as PNG; the caller caches it (about 1 ms at 48 pixels). */
export const render = (pair: EmojiPair, drawings: Drawings, size: number): Effect.Effect<Uint8Array, SampleError> => {
  const svg = drawings(pair.icon, size)
  if (svg === undefined) return Effect.fail(new SampleError({ id: pair.id, reason: `no-drawing(${pair.icon})` }))
  return Effect.tryPromise({
    try: () =>
      imageLoaders()(Buffer.from(svg)).flatten({ background: "#ffffff" }).removeAlpha().png({ compressionLevel: 1 }).toBuffer(),
    catch: (cause) => new SampleError({ id: pair.id, reason: `not-rendered(${oneLine(cause)})` })
  })
}
