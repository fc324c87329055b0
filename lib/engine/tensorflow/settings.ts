import { type Compute, computes } from "../../compiler/tensorflow/lowering.ts"
import type { Device } from "./installation.ts"

/** Settings of the engine in addition to the options of a session. */
export interface TensorflowSettings {
  /** Device; `gpu` fails where there is none. By default the GPU where TensorFlow was set up for it, else the CPU. */
  readonly device?: Device
  /** Precision of matrix products; float32 by default. State is float32 in any case. */
  readonly compute?: Compute
  /** Folder where XLA keeps compiled code for the next process; by default the folder of this kind of machine. */
  readonly cache?: string
}

const oneOf = <T extends string>(name: string, given: string | undefined, values: readonly T[]): T | undefined => {
  if (given === undefined || given === "") return undefined
  const found = values.find((value) => value === given)
  if (!found) throw new Error(`${name} is '${given}', and not ${values.join(" or ")}`)
  return found
}

/**
 * Reads settings from environment variables: SEMMIM_DEVICE (cpu, gpu), SEMMIM_COMPUTE (float32, bfloat16, autocast),
 * SEMMIM_XLA_CACHE (a folder). Throws, in one line that names the variable.
 */
export const settingsOf = (env: { readonly [name: string]: string | undefined }): TensorflowSettings => {
  const device = oneOf("SEMMIM_DEVICE", env["SEMMIM_DEVICE"], ["cpu", "gpu"])
  const compute = oneOf("SEMMIM_COMPUTE", env["SEMMIM_COMPUTE"], computes)
  const cache = env["SEMMIM_XLA_CACHE"]
  return { ...(device ? { device } : {}), ...(compute ? { compute } : {}), ...(cache ? { cache } : {}) }
}
