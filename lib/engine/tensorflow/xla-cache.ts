import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { thisProcessor } from "../../machine/processor.ts"
import { sha256 } from "../../store/digest.ts"
import { type Device, installationsFolder } from "./installation.ts"

/** Lines of the NVIDIA driver that name the GPUs' models. */
const gpuLines = (folder = "/proc/driver/nvidia/gpus"): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder).map((gpu) => /^Model:.*$/m.exec(readFileSync(join(folder, gpu, "information"), "utf8"))?.[0] ?? "")
    : []

/** Returns the models of this machine's GPUs, without duplicates. */
export const gpuModels = (folder?: string): readonly string[] => [
  ...new Set(gpuLines(folder).flatMap((line) => line.replace(/^Model:/, "").trim() || []))
]

/** Describes what compiled code depends on: the processor's model and instructions, and the models of the GPUs. */
const machine = (device: Device): string => [...thisProcessor().lines, ...(device === "gpu" ? gpuLines() : [])].join("\n")

/**
 * Returns a name for the machines that can run what XLA compiles here with a version of TensorFlow: XLA's own cache does not
 * distinguish machines, and code for another processor ends the process.
 */
export const machineKind = (tensorflow: string, device: Device, described: string = machine(device)): string =>
  `${tensorflow}-${device}-${sha256(described).slice(0, 12)}`

/** Returns the folder in which XLA keeps code compiled for a kind of machine, in files named by digests of what was compiled. */
export const xlaCacheFolder = (kind: string): string => join(installationsFolder(), "xla", kind)
