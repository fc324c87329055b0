import { existsSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

export type Device = "cpu" | "gpu"

/** Files and versions that `npm run setup:tensorflow` has installed in a folder. */
export interface Installation {
  readonly device: Device
  /** Path of the compiled binding, which loads TensorFlow's libraries from its own folder. */
  readonly addon: string
  /** Folder of the parts of CUDA's compiler that XLA calls (ptxas, libdevice), for a GPU. */
  readonly cuda?: string
  /** Versions of the installed parts. */
  readonly tensorflow: string
  readonly binding: string
}

/**
 * Returns the folder of all installations: SEMMIM_TENSORFLOW, or one in the user's cache, so that clones and versions share it.
 */
export const installationsFolder = (env: { readonly [name: string]: string | undefined } = process.env): string =>
  env["SEMMIM_TENSORFLOW"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "semmim", "tensorflow")

/** Returns the installation for a device, or undefined where there is none (or an unfinished one). */
export const installationOf = (device: Device, folder: string = installationsFolder()): Installation | undefined => {
  const stamp = join(folder, device, "made-from.json")
  if (!existsSync(stamp)) return undefined
  const { tensorflow, binding } = JSON.parse(readFileSync(stamp, "utf8")) as Pick<Installation, "tensorflow" | "binding">
  const cuda = device === "gpu" ? { cuda: join(folder, device, "nvidia", "cuda_nvcc") } : {}
  return { device, addon: join(folder, device, "binding.node"), ...cuda, tensorflow, binding }
}

/** Returns the command that makes an installation. */
export const setUpCommand = (device: Device): string => `npm run setup:tensorflow${device === "gpu" ? " -- --gpu" : ""}`

/**
 * Returns the installation to run on: the requested device's, else a GPU's where it was set up, else the CPU's. Throws an error
 * that names the setup command where it is missing: a requested device is never replaced by another.
 */
export const chosenInstallation = (
  asked: Device | undefined,
  find: (device: Device) => Installation | undefined = installationOf
): Installation => {
  const found = asked ? find(asked) : (find("gpu") ?? find("cpu"))
  if (found) return found
  throw new Error(
    `TensorFlow is not set up${asked ? ` for ${asked === "gpu" ? "GPUs" : "CPUs"}` : ""}: ${setUpCommand(asked ?? "cpu")} does it`
  )
}
