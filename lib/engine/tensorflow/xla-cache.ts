import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { thisProcessor } from "../../machine/processor.ts"
import { sha256 } from "../../store/digest.ts"
import { type Device, installationsFolder } from "./installation.ts"

const gpuFolder = "/proc/driver/nvidia/gpus"

/** What compiled code depends on: the processor's model and instructions, and the models of the GPUs. */
const machine = (device: Device): string => {
  const gpus = device === "gpu" && existsSync(gpuFolder) ? readdirSync(gpuFolder) : []
  const models = gpus.map((gpu) => /^Model:.*$/m.exec(readFileSync(join(gpuFolder, gpu, "information"), "utf8"))?.[0] ?? "")
  return [...thisProcessor().lines, ...models].join("\n")
}

/**
 * The name of the machines that can run what XLA compiles here with a version of TensorFlow: XLA itself does not tell machines apart,
 * and code for another processor ends the process.
 */
export const machineKind = (tensorflow: string, device: Device, described: string = machine(device)): string =>
  `${tensorflow}-${device}-${sha256(described).slice(0, 12)}`

/** The folder in which XLA keeps what it has compiled for machines of a kind, in files named by digests of what was compiled. */
export const xlaCacheFolder = (kind: string): string => join(installationsFolder(), "xla", kind)
