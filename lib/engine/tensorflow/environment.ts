import { availableParallelism } from "node:os"
import type { Device } from "./installation.ts"

/** Settings that TensorFlow reads from the environment, once per process, when it is loaded. */
export interface ProcessSettings {
  readonly device: Device
  readonly threads: number
  /** Folder where XLA keeps compiled code. */
  readonly cache: string
  /** Folder where XLA finds CUDA's compiler, for a GPU. */
  readonly cuda?: string
}

/**
 * XLA's flags for a GPU: matrix products use cuBLAS, since Triton kernels are autotuned one by one for each product and take
 * minutes to compile even at tiny; and compilation uses all cores.
 */
const xlaFlags = (cuda: string): readonly string[] => [
  `--xla_gpu_cuda_data_dir=${cuda}`,
  "--xla_gpu_enable_triton_gemm=false",
  "--xla_gpu_enable_llvm_module_compilation_parallelism=true",
  `--xla_gpu_force_compilation_parallelism=${availableParallelism()}`
]

/** Returns the settings as environment variables. */
export const environmentOf = ({ device, threads, cache, cuda }: ProcessSettings): { readonly [name: string]: string } => ({
  TF_CPP_MIN_LOG_LEVEL: process.env["TF_CPP_MIN_LOG_LEVEL"] ?? "3", // what matters comes back as an error
  TF_NUM_INTRAOP_THREADS: String(threads),
  TF_NUM_INTEROP_THREADS: "1",
  // has no effect on code compiled by XLA, and prints a line on standard error
  TF_ENABLE_ONEDNN_OPTS: "0",
  TF_XLA_FLAGS: [process.env["TF_XLA_FLAGS"], `--tf_xla_persistent_cache_directory=${cache}`].filter(Boolean).join(" "),
  // keeps memory from step to step: when it is returned to the system, mapping a step's buffers again costs an eighth of the
  // step's time
  TF_CPU_ALLOCATOR_USE_BFC: process.env["TF_CPU_ALLOCATOR_USE_BFC"] ?? "true",
  // or TensorFlow takes the whole GPU's memory at its start
  TF_FORCE_GPU_ALLOW_GROWTH: "true",
  // the user's own flags come last, so that they take precedence
  ...(cuda === undefined ? {} : { XLA_FLAGS: [...xlaFlags(cuda), process.env["XLA_FLAGS"]].filter(Boolean).join(" ") }),
  ...(device === "cpu" ? { CUDA_VISIBLE_DEVICES: "" } : {})
})

let taken: ProcessSettings | undefined

/**
 * Sets the environment before TensorFlow is loaded for the first time in this process. Returns an error where it is loaded
 * already with other settings, since they hold until the process ends.
 */
export const settingsFault = (settings: ProcessSettings): string | undefined => {
  if (!taken) {
    Object.assign(process.env, environmentOf(settings))
    taken = settings
    return undefined
  }
  for (const name of ["device", "threads", "cache"] as const)
    if (taken[name] !== settings[name])
      return `TensorFlow runs with ${name} ${taken[name]} in this process already, and cannot with ${name} ${settings[name]}`
  return undefined
}
