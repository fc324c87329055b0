import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { thisProcessor } from "../../machine/processor.ts"
import { sha256 } from "../../store/digest.ts"
import { type Device, installationsFolder } from "./installation.ts"

/** The models of NVIDIA's GPUs, as the driver's lines say them. */
const gpuLines = (folder = "/proc/driver/nvidia/gpus"): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder).map((gpu) => /^Model:.*$/m.exec(readFileSync(join(folder, gpu, "information"), "utf8"))?.[0] ?? "")
    : []

/** The models of this machine's GPUs, each once. */
export const gpuModels = (folder?: string): readonly string[] => [
  ...new Set(gpuLines(folder).flatMap((line) => line.replace(/^Model:/, "").trim() || []))
]

/** What compiled code depends on: the processor's model and instructions, and the models of the GPUs. */
const machine = (device: Device): string => [...thisProcessor().lines, ...(device === "gpu" ? gpuLines() : [])].join("\n")

/**
 * The name of the machines that can run what XLA compiles here with a version of TensorFlow: XLA itself does not tell machines apart,
 * and code for another processor ends the process.
 */
export const machineKind = (tensorflow: string, device: Device, described: string = machine(device)): string =>
  `${tensorflow}-${device}-${sha256(described).slice(0, 12)}`

/** The folder in which XLA keeps what it has compiled for machines of a kind, in files named by digests of what was compiled. */
export const xlaCacheFolder = (kind: string): string => join(installationsFolder(), "xla", kind)
