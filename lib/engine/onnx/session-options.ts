import type { InferenceSession } from "onnxruntime-node"

/**
 * How threads wait for their part of the next node: awake for a moment, since to wake one takes longer than many a node does (a step is a
 * tenth faster), and then asleep, since other processes want the cores too.
 */
const spinning = { allow_spinning: "1", spin_duration_us: "100", spin_backoff_max: "8" }

/** Options of every session of ONNX Runtime: on CPUs, one node after another, by so many threads. */
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
