import { InferenceSession, Tensor } from "onnxruntime-node"
import { encodeModel } from "../../compiler/onnx/messages.ts"
import type { LoadGraph, ProbeTensors } from "./probe-session.ts"
import { sessionOptions } from "./session-options.ts"

const tensors = (named: ProbeTensors): { [name: string]: Tensor } =>
  Object.fromEntries([...named].map(([name, { numbers, shape }]) => [name, new Tensor("float32", numbers, [...shape]) as Tensor]))

/** Loads graphs of the probe into ONNX Runtime with the options of the engine's sessions and the given number of threads. */
export const loadGraph =
  (threads: number): LoadGraph =>
  async (graph) => {
    const session = await InferenceSession.create(encodeModel(graph), sessionOptions(threads))
    return {
      run: async (feeds, results) => {
        await session.run(tensors(feeds), tensors(results))
      },
      release: () => session.release()
    }
  }
