import type { InferenceSession } from "onnxruntime-node"

/** Options of every session of ONNX Runtime: on CPUs, one node after another, by so many threads. */
export const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "disabled", // the compiler has done it, and has ordered the nodes
  enableMemPattern: false, // would keep a second copy of all intermediate memory
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: "0" } } } // other processes want the cores too
})
