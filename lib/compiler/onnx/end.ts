import { attributeProto, elementTypes } from "./graph.ts"
import type { NodeProto, ValueInfo } from "./messages.ts"

/**
 * Name of the first output of every model: an empty sequence, at which onnxruntime-node stops copying outputs (see the engine).
 */
export const endName = "end"
/** Declaration of that output. */
export const endOutput: ValueInfo = {
  name: endName,
  type: { sequenceType: { elemType: { tensorType: { elemType: elementTypes.float32 } } } }
}
/** Node that makes that output. */
export const end: NodeProto = {
  name: "end",
  opType: "SequenceEmpty",
  input: [],
  output: [endName],
  attribute: [attributeProto("dtype", elementTypes.float32)]
}
