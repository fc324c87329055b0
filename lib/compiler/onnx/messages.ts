import protobuf from "protobufjs"

const field = (type: string, id: number, rule?: "repeated") => (rule ? { type, id, rule } : { type, id })

/** The messages of onnx.proto3 that our models use, with the field numbers of the ONNX specification. */
const descriptor = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field("int64", 1),
        producerName: field("string", 2),
        graph: field("GraphProto", 7),
        opsetImport: field("OperatorSetId", 8, "repeated")
      }
    },
    OperatorSetId: { fields: { domain: field("string", 1), version: field("int64", 2) } },
    GraphProto: {
      fields: {
        node: field("NodeProto", 1, "repeated"),
        name: field("string", 2),
        initializer: field("TensorProto", 5, "repeated"),
        input: field("ValueInfo", 11, "repeated"),
        output: field("ValueInfo", 12, "repeated")
      }
    },
    NodeProto: {
      fields: {
        input: field("string", 1, "repeated"),
        output: field("string", 2, "repeated"),
        name: field("string", 3),
        opType: field("string", 4),
        attribute: field("AttributeProto", 5, "repeated"),
        domain: field("string", 7)
      }
    },
    AttributeProto: {
      fields: {
        name: field("string", 1),
        f: field("float", 2),
        i: field("int64", 3),
        s: field("bytes", 4),
        t: field("TensorProto", 5),
        ints: field("int64", 8, "repeated"),
        type: field("int32", 20)
      }
    },
    TensorProto: {
      fields: {
        dims: field("int64", 1, "repeated"),
        dataType: field("int32", 2),
        name: field("string", 8),
        rawData: field("bytes", 9)
      }
    },
    ValueInfo: { fields: { name: field("string", 1), type: field("TypeProto", 2) } },
    TypeProto: { fields: { tensorType: field("TensorType", 1), sequenceType: field("SequenceType", 4) } },
    SequenceType: { fields: { elemType: field("TypeProto", 1) } },
    TensorType: { fields: { elemType: field("int32", 1), shape: field("ShapeProto", 2) } },
    ShapeProto: { fields: { dim: field("Dimension", 1, "repeated") } },
    Dimension: { fields: { dimValue: field("int64", 1), dimParam: field("string", 2) } }
  }
}

/** A tensor in a model, its raw data little-endian. */
export interface TensorProto {
  readonly name?: string
  readonly dims: readonly number[]
  readonly dataType: number
  readonly rawData: Uint8Array
}

export interface AttributeProto {
  readonly name: string
  readonly type: number
  readonly f?: number
  readonly i?: number
  readonly s?: Uint8Array
  readonly t?: TensorProto
  readonly ints?: readonly number[]
}

export interface NodeProto {
  readonly name: string
  readonly opType: string
  readonly domain?: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly attribute: readonly AttributeProto[]
}

/** Length of an axis: a number, or the name of a length known only at run time. */
export interface Dimension {
  readonly dimValue?: number
  readonly dimParam?: string
}

export interface TensorType {
  readonly elemType: number
  readonly shape: { readonly dim: readonly Dimension[] }
}

export interface ValueInfo {
  readonly name: string
  readonly type:
    | { readonly tensorType: TensorType }
    | { readonly sequenceType: { readonly elemType: { readonly tensorType: { readonly elemType: number } } } }
}

export interface GraphProto {
  readonly name: string
  readonly node: readonly NodeProto[]
  readonly initializer: readonly TensorProto[]
  readonly input: readonly ValueInfo[]
  readonly output: readonly ValueInfo[]
}

/** Versions of the two operator sets that lowerings write. */
const opsets = [
  { domain: "", version: 20 },
  { domain: "com.microsoft", version: 1 }
]

/** Encodes a graph as the bytes of an ONNX model. */
export const encodeModel = (graph: GraphProto): Uint8Array => {
  const model = protobuf.Root.fromJSON(descriptor).lookupType("ModelProto")
  return model.encode({ irVersion: 9, producerName: "semmim", opsetImport: opsets, graph }).finish()
}
