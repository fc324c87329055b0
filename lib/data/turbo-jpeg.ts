import { createRequire } from "node:module"

/** How JPEG's transforms are computed: by libvips, or faster and a little less exactly by libjpeg-turbo alone. */
export const transforms = ["accurate", "fast"] as const
export type Transform = (typeof transforms)[number]

/** A size and how colours are kept for it. */
interface Coding {
  readonly width: number
  readonly height: number
  readonly subsampling: number
}

/** What is used of libjpeg-turbo's addon. */
export interface TurboJpeg {
  readonly FORMAT_RGB: number
  readonly SAMP_420: number
  /** Fills `pixels`, which must be as long as width · height · 3. */
  readonly decompress: (jpeg: Buffer, pixels: Buffer, options: { readonly format: number }) => Promise<unknown>
  /** The most bytes that a picture becomes. */
  readonly bufferSize: (coding: Coding) => number
  /** The part of `room` that the JPEG takes, which must have `bufferSize`. */
  readonly compress: (
    pixels: Buffer,
    room: Buffer,
    coding: Coding & { readonly format: number; readonly quality: number }
  ) => Promise<Buffer>
}

let found: TurboJpeg | string | undefined

/**
 * libjpeg-turbo by itself, with its fast transforms (what else it would have to be asked for, the addon does not let through):
 * a third of the time that a picture of 256 pixels takes by way of libvips. Values are off by one or two of 255 where the quality is
 * high. Where the package has no build for this machine, the reason in one line.
 */
export const turboJpeg = (): TurboJpeg | string => {
  if (found !== undefined) return found
  try {
    found = createRequire(import.meta.url)("@julusian/jpeg-turbo") as TurboJpeg
  } catch (cause) {
    found = String(cause).split("\n")[0]!
  }
  return found
}

/** The version of the addon, which says that of libjpeg-turbo. */
export const turboVersion = (): string => createRequire(import.meta.url)("@julusian/jpeg-turbo/package.json").version
