import sharp from "sharp"
import { turboVersion } from "../data/turbo-jpeg.ts"
import { thisProcessor } from "../machine/processor.ts"
import type { PrepareSettings } from "./prepare-settings.ts"

/** What a stored image's bytes depend on besides the settings. */
export interface ImageVersions {
  readonly sharp: string
  readonly libvips: string
  /** The widest vector instructions that libvips may use here: `avx512`, `avx2`, …; digests may differ between them. */
  readonly simd: string
  /** The version of @julusian/jpeg-turbo, where `transform: "fast"` asks for it. */
  readonly turbo?: string
}

/** The versions of sharp and libvips and the processor's vector level, as the manifest and a restart have them. */
export const imageVersions = ({ transform, resize }: Pick<PrepareSettings, "transform" | "resize">): ImageVersions => ({
  sharp: sharp.versions.sharp ?? "unknown",
  libvips: sharp.versions.vips,
  simd: sharp.simd() ? thisProcessor().simd : "off",
  ...(transform === "fast" && resize !== "none" ? { turbo: turboVersion() } : {})
})
