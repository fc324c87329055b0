import sharp from "sharp"
import { turboVersion } from "../data/turbo-jpeg.ts"
import { thisProcessor } from "../machine/processor.ts"
import type { PrepareSettings } from "./prepare-settings.ts"

/** Versions that, besides the settings, determine a stored image's bytes. */
export interface ImageVersions {
  readonly sharp: string
  readonly libvips: string
  /** The widest vector instructions that libvips may use here: `avx512`, `avx2`, …; digests may differ between them. */
  readonly simd: string
  /** The version of @julusian/jpeg-turbo, with `transform: "fast"`. */
  readonly turbo?: string
}

/**
 * Returns the versions of sharp and libvips and the processor's vector level, as in the manifest and the facts of a started
 * folder.
 */
export const imageVersions = ({ transform, resize }: Pick<PrepareSettings, "transform" | "resize">): ImageVersions => ({
  sharp: sharp.versions.sharp ?? "unknown",
  libvips: sharp.versions.vips,
  simd: sharp.simd() ? thisProcessor().simd : "off",
  ...(transform === "fast" && resize !== "none" ? { turbo: turboVersion() } : {})
})
