import type { GraphProto } from "../../compiler/onnx/messages.ts"

/** Numbers and their shape, read or written where they lie. */
export interface ProbeTensor {
  readonly numbers: Float32Array
  readonly shape: readonly number[]
}
export type ProbeTensors = ReadonlyMap<string, ProbeTensor>

/** Loads a graph; what it gives runs it, reading the feeds and writing the results where they lie. */
export type LoadGraph = (graph: GraphProto) => Promise<{
  readonly run: (feeds: ProbeTensors, results: ProbeTensors) => Promise<void>
  readonly release: () => Promise<void>
}>
