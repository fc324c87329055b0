import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type Device, installationsFolder } from "./installation.ts"

const gpuFolder = "/proc/driver/nvidia/gpus"

/** What compiled code depends on: the processor's model and instructions, and the models of the GPUs. */
const machine = (device: Device): string => {
  const processor = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : process.arch
  const lines = [/^model name.*$/m, /^flags.*$/m].map((line) => line.exec(processor)?.[0] ?? "")
  const gpus = device === "gpu" && existsSync(gpuFolder) ? readdirSync(gpuFolder) : []
  const models = gpus.map((gpu) => /^Model:.*$/m.exec(readFileSync(join(gpuFolder, gpu, "information"), "utf8"))?.[0] ?? "")
  return [...lines, ...models].join("\n")
}

/**
 * The folder in which XLA keeps what it has compiled with a version of TensorFlow for this kind of machine: XLA itself does not tell
 * machines apart, and code for another processor ends the process. Files are named by digests of what was compiled.
 */
export const xlaCacheFolder = (tensorflow: string, device: Device, kind: string = machine(device)): string => {
  const digest = createHash("sha256").update(kind).digest("hex").slice(0, 12)
  return join(installationsFolder(), "xla", `${tensorflow}-${device}-${digest}`)
}
