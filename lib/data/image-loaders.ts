import { getEnvironmentData, setEnvironmentData } from "node:worker_threads"
import sharp from "sharp"

/**
 * libvips' loaders that may run. SVG is for images that packages ship (lib/data/emoji/render.ts): the block list is one per
 * process, so untrusted SVG is rejected by its first bytes instead (`imageFormat`).
 */
const allowed = ["VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer", "VipsForeignLoadSvgBuffer"]

/** Loaders that are allowed only where a setting allows their format. */
const extra = { gif: "VipsForeignLoadNsgifBuffer", avif: "VipsForeignLoadHeifBuffer" } as const

/**
 * The block list belongs to the process, not the thread: setting it briefly blocks the allowed loaders too, and during that time
 * no other thread may decode. So the first thread sets it, and passes this on to the threads that it starts afterwards.
 */
const madeHere = "semmim: image loaders"

let configured = false
const unblocked = new Set<string>()

/**
 * Returns sharp, with every loader except those for JPEG, PNG, WebP and SVG in memory blocked for the whole process; those of
 * `formats` are allowed from then on.
 *
 * Code that starts threads that read images has to call this first: see `madeHere`.
 *
 * The cache is off and each image uses one thread: images are read once, several concurrently, at most `UV_THREADPOOL_SIZE` (4
 * unless set before the process starts).
 */
export const imageLoaders = (formats: readonly ImageFormat[] = safeFormats): typeof sharp => {
  if (!configured) {
    if (getEnvironmentData(madeHere) !== true) {
      sharp.block({ operation: ["VipsForeignLoad"] })
      sharp.unblock({ operation: allowed })
      setEnvironmentData(madeHere, true)
    }
    sharp.cache(false)
    sharp.concurrency(1)
    configured = true
  }
  for (const format of formats) {
    if (!(format in extra) || unblocked.has(format)) continue
    sharp.unblock({ operation: [extra[format as keyof typeof extra]] })
    unblocked.add(format)
  }
  return sharp
}

/** Formats that untrusted images may have; the last two only where a setting allows them. */
export const imageFormats = ["jpeg", "png", "webp", "avif", "gif"] as const
export type ImageFormat = (typeof imageFormats)[number]

/** Formats that need no setting. */
export const safeFormats: readonly ImageFormat[] = ["jpeg", "png", "webp"]

const ascii = (text: string): readonly number[] => [...text].map((character) => character.charCodeAt(0))

const signatures: ReadonlyArray<readonly [format: string, offset: number, bytes: readonly number[]]> = [
  ["jpeg", 0, [0xff, 0xd8, 0xff]],
  ["png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["webp", 8, ascii("WEBP")],
  ["gif", 0, ascii("GIF8")],
  ["bmp", 0, ascii("BM")],
  ["tiff", 0, [0x49, 0x49, 0x2a, 0x00]],
  ["tiff", 0, [0x4d, 0x4d, 0x00, 0x2a]],
  ["avif", 4, ascii("ftypavif")],
  ["avif-sequence", 4, ascii("ftypavis")],
  ["heif", 4, ascii("ftyp")],
  ["jxl", 0, [0xff, 0x0a]],
  ["pdf", 0, ascii("%PDF")],
  ["gzip", 0, [0x1f, 0x8b]],
  ["zip", 0, ascii("PK\u0003\u0004")],
  ["markup", 0, ascii("<")]
]

/**
 * Returns the format that the first bytes of a file indicate: a format's name, `markup` for SVG, HTML and the like, or `unknown`.
 */
export const sniffFormat = (bytes: Uint8Array): string => {
  const found = signatures.find(([, offset, signature]) => signature.every((byte, i) => bytes[offset + i] === byte))
  if (found?.[0] === "webp" && !ascii("RIFF").every((byte, i) => bytes[i] === byte)) return "unknown"
  return found?.[0] ?? "unknown"
}

/** True where untrusted images may have a format: JPEG, PNG and WebP by default. */
export const isImageFormat = (format: string, formats: readonly ImageFormat[] = safeFormats): format is ImageFormat =>
  (formats as readonly string[]).includes(format)
