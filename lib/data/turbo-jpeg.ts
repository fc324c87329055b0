import { createRequire } from "node:module"
import { acquireBuffer } from "./host/buffer-pool.ts"
import type { PlainJpeg } from "./plain-jpeg.ts"
import type { Size } from "./stored-size.ts"

/**
 * Implementations of JPEG's transforms: libvips' accurate one, or libjpeg-turbo's own, which is faster and slightly less exact.
 */
export const transforms = ["accurate", "fast"] as const
export type Transform = (typeof transforms)[number]

/** The default, as in TensorFlow's `decode_jpeg`: a third of the time, for a difference of one or two of 255. */
export const defaultTransform: Transform = "fast"

/** A size, and the subsampling of its colours. */
interface Coding extends Size {
  readonly subsampling: number
}

/** The part of libjpeg-turbo's addon that is used. */
export interface TurboJpeg {
  readonly FORMAT_RGB: number
  readonly SAMP_420: number
  /** Fills `pixels`, which must be as long as width · height · 3. */
  readonly decompress: (jpeg: Buffer, pixels: Buffer, options: { readonly format: number }) => Promise<unknown>
  /** Returns the maximum number of bytes of an encoded image. */
  readonly bufferSize: (coding: Coding) => number
  /** Encodes into `room`, which must have `bufferSize` bytes; returns the part of it that the JPEG takes. */
  readonly compress: (
    pixels: Buffer,
    room: Buffer,
    coding: Coding & { readonly format: number; readonly quality: number }
  ) => Promise<Buffer>
}

const load = createRequire(import.meta.url)
const addon = "@julusian/jpeg-turbo"

/**
 * Returns the reason why a transform is not available, in one line: the package of the fast one has no build for this machine.
 */
export const transformFault = (transform: Transform): string | undefined => {
  if (transform === "accurate") return undefined
  try {
    load(addon)
    return undefined
  } catch (cause) {
    return `"fast" needs the package ${addon}, which could not be loaded ("accurate" does without it): ${String(cause).split("\n")[0]!}`
  }
}

/**
 * libjpeg-turbo used directly, with its fast transforms (the addon exposes no other options), where these are wanted and an image
 * is only pixels in one scan, so that it needs no time limit: a third of the time that libvips takes for an image of 256 pixels.
 * Values differ by one or two of 255 where the quality is high. `undefined` for all other images; throws where `transformFault`
 * returns a reason.
 */
export const turboFor = (transform: Transform, plain: PlainJpeg | undefined): TurboJpeg | undefined =>
  transform === "fast" && plain !== undefined && !plain.progressive ? (load(addon) as TurboJpeg) : undefined

/**
 * Decodes a JPEG of a size; returns uint8 [height, width, 3] in memory of `acquireBuffer`. Rejects with libjpeg-turbo's message.
 */
export const turboPixels = async (turbo: TurboJpeg, jpeg: Buffer, { width, height }: Size): Promise<Uint8Array<ArrayBuffer>> => {
  const pixels = acquireBuffer("uint8", width * height * 3)
  await turbo.decompress(jpeg, Buffer.from(pixels.buffer), { format: turbo.FORMAT_RGB })
  return pixels
}

/** Returns the version of the addon, which identifies that of libjpeg-turbo. */
export const turboVersion = (): string => load(`${addon}/package.json`).version
