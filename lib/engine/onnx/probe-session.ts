import type { GraphProto } from "../../compiler/onnx/messages.ts"

/** An array and its shape, read or written in place. */
export interface ProbeTensor {
  readonly numbers: Float32Array
  readonly shape: readonly number[]
}
export type ProbeTensors = ReadonlyMap<string, ProbeTensor>

/** Loads a graph; returns a function that runs it, reading the feeds and writing the results in place. */
export type LoadGraph = (graph: GraphProto) => Promise<{
  readonly run: (feeds: ProbeTensors, results: ProbeTensors) => Promise<void>
  readonly release: () => Promise<void>
}>
