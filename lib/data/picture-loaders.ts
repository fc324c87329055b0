import sharp from "sharp"

/**
 * libvips' loaders that may run. SVG is for pictures that packages ship (lib/data/emoji/render.ts): the block list is one per
 * process, so untrusted bytes are kept from it by their first bytes instead (`pictureFormat`).
 */
const allowed = ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer", "VipsForeignLoadSvgBuffer"]

let configured = false

/**
 * sharp with every loader but those for JPEG, PNG, WebP and SVG in memory switched off, here and for the whole process.
 *
 * The cache is off and each picture uses one thread: pictures are read once, several at a time. Pictures at a time are
 * `UV_THREADPOOL_SIZE` (4 unless set before the process starts).
 */
export const pictureLoaders = (): typeof sharp => {
  if (!configured) {
    sharp.block({ operation: ["VipsForeignLoad"] })
    sharp.unblock({ operation: allowed })
    sharp.cache(false)
    sharp.concurrency(1)
    configured = true
  }
  return sharp
}

/** Formats that untrusted pictures may have. */
export type PictureFormat = "jpeg" | "png" | "webp"

const signatures: ReadonlyArray<readonly [format: string, offset: number, bytes: readonly number[]]> = [
  ["jpeg", 0, [0xff, 0xd8, 0xff]],
  ["png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["bmp", 0, [0x42, 0x4d]],
  ["tiff", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["tiff", 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ["heif", 4, [0x66, 0x74, 0x79, 0x70]],
  ["jxl", 0, [0xff, 0x0a]],
  ["pdf", 0, [0x25, 0x50, 0x44, 0x46]],
  ["gzip", 0, [0x1f, 0x8b]],
  ["markup", 0, [0x3c]]
]

/** What the first bytes of a file say it is: a format's name, `markup` for SVG, HTML and the like, or `unknown`. */
export const sniffFormat = (bytes: Uint8Array): string => {
  const found = signatures.find(([, offset, signature]) => signature.every((byte, i) => bytes[offset + i] === byte))
  if (found?.[0] === "webp" && !(bytes[0] === 0x52 && bytes[1] === 0x49 && bytes[2] === 0x46 && bytes[3] === 0x46))
    return "unknown"
  return found?.[0] ?? "unknown"
}

/** Whether a format is one that untrusted pictures may have. */
export const isPictureFormat = (format: string): format is PictureFormat =>
  format === "jpeg" || format === "png" || format === "webp"
