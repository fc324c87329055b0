import { type Compute, computes } from "../../compiler/tensorflow/lowering.ts"
import type { Device } from "./installation.ts"

/** What the engine is told besides the options of a session. */
export interface TensorflowSettings {
  /** `gpu` fails where there is none; unless given, the GPU where TensorFlow was set up for it, else the CPU. */
  readonly device?: Device
  /** How products of matrices are computed; float32 unless given. State is float32 in any case. */
  readonly compute?: Compute
  /** Where XLA keeps what it has compiled, for the next process; a folder of this kind of machine's unless given. */
  readonly cache?: string
}

const oneOf = <T extends string>(name: string, given: string | undefined, values: readonly T[]): T | undefined => {
  if (given === undefined || given === "") return undefined
  const found = values.find((value) => value === given)
  if (!found) throw new Error(`${name} is '${given}', and not ${values.join(" or ")}`)
  return found
}

/** Settings by environment variables: SEMMIM_DEVICE (cpu, gpu), SEMMIM_COMPUTE (float32, bfloat16, autocast), SEMMIM_XLA_CACHE (a folder). Throws one line that names the variable. */
export const settingsOf = (env: { readonly [name: string]: string | undefined }): TensorflowSettings => {
  const device = oneOf("SEMMIM_DEVICE", env["SEMMIM_DEVICE"], ["cpu", "gpu"])
  const compute = oneOf("SEMMIM_COMPUTE", env["SEMMIM_COMPUTE"], computes)
  const cache = env["SEMMIM_XLA_CACHE"]
  return { ...(device ? { device } : {}), ...(compute ? { compute } : {}), ...(cache ? { cache } : {}) }
}
