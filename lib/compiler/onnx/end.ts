import { attributeProto, elementTypes } from "./graph.ts"
import type { NodeProto, ValueInfo } from "./messages.ts"

/** The first output of every model: an empty sequence, at which onnxruntime-node stops copying outputs (see the engine). */
export const endName = "end"
/** How the model declares it. */
export const endOutput: ValueInfo = {
  name: endName,
  type: { sequenceType: { elemType: { tensorType: { elemType: elementTypes.float32 } } } }
}
/** The node that makes it. */
export const end: NodeProto = {
  name: "end",
  opType: "SequenceEmpty",
  input: [],
  output: [endName],
  attribute: [attributeProto("dtype", elementTypes.float32)]
}
