import { readFileSync } from "node:fs"
import { arch } from "node:os"
import sharp from "sharp"
import { turboVersion } from "../data/turbo-jpeg.ts"
import type { PrepareSettings } from "./prepare-settings.ts"

/** What a stored picture's bytes depend on besides the settings. */
export interface PictureVersions {
  readonly sharp: string
  readonly libvips: string
  /** The widest vector instructions that libvips may use here: `avx512`, `avx2`, …; digests may differ between them. */
  readonly simd: string
  /** The version of @julusian/jpeg-turbo, where `transform: "fast"` asks for it. */
  readonly turbo?: string
}

/** Vector extensions as Linux names a processor's, widest first. */
const levels: ReadonlyArray<readonly [flag: string, level: string]> = [
  ["avx512f", "avx512"],
  ["avx2", "avx2"],
  ["sse4_2", "sse4"],
  ["sve2", "sve2"],
  ["sve", "sve"],
  ["asimd", "neon"]
]

const processorFlags = (): ReadonlySet<string> => {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))
    return new Set(line?.[1]?.trim().split(/\s+/) ?? [])
  } catch {
    return new Set()
  }
}

/** The level of vector instructions here; where the system does not tell, the processor's architecture. */
const simdLevel = (): string => {
  if (!sharp.simd()) return "off"
  const flags = processorFlags()
  return levels.find(([flag]) => flags.has(flag))?.[1] ?? arch()
}

/** The versions of sharp and libvips and the processor's vector level, as the manifest and a restart have them. */
export const pictureVersions = ({ transform, resize }: Pick<PrepareSettings, "transform" | "resize">): PictureVersions => ({
  sharp: sharp.versions.sharp ?? "unknown",
  libvips: sharp.versions.vips,
  simd: simdLevel(),
  ...(transform === "fast" && resize !== "none" ? { turbo: turboVersion() } : {})
})
