import type { InferenceSession } from "onnxruntime-node"

/**
 * Waiting of threads for their part of the next node: they spin briefly, since waking a thread takes longer than many nodes do (a
 * step is a tenth faster), and then sleep, since other processes need the cores too.
 */
const spinning = { allow_spinning: "1", spin_duration_us: "100", spin_backoff_max: "8" }

/** Returns the options of every ONNX Runtime session: on CPUs, nodes in sequence, with the given number of threads. */
export const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "disabled", // the compiler has done it, and has ordered the nodes
  enableMemPattern: false, // would keep a second copy of all intermediate memory
  logSeverityLevel: 3,
  extra: { session: { intra_op: spinning } }
})
