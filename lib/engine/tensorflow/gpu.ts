import { existsSync, readFileSync } from "node:fs"

/** Returns the description of NVIDIA's kernel driver; undefined where there is none. */
export const nvidiaDriver = (file = "/proc/driver/nvidia/version"): string | undefined =>
  existsSync(file) ? /Kernel Module\s+(?:for \S+\s+)?(\S+)/.exec(readFileSync(file, "utf8"))?.[1] : undefined

/** Returns the likely reason why TensorFlow found no GPU, in one line. */
export const gpuFault = (driver = nvidiaDriver(), device = existsSync("/dev/nvidia0")): string => {
  const asked = "a GPU was asked for, and TensorFlow found none"
  if (driver === undefined) return `${asked}: there is no NVIDIA driver on this machine`
  if (!device) return `${asked}: there is NVIDIA driver ${driver}, but no /dev/nvidia0 (is the container given a GPU?)`
  return `${asked}, though there is NVIDIA driver ${driver}: TF_CPP_MIN_LOG_LEVEL=0 makes it say why`
}
