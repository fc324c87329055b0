import protobuf from "protobufjs"

const field = (type: string, id: number, rule?: "repeated") => (rule ? { type, id, rule } : { type, id })
const map = (type: string, id: number) => ({ keyType: "string", type, id })

/**
 * The messages of TensorFlow's protos that our SavedModels use, with the field numbers of tensorflow/core/{framework,protobuf}.
 */
const descriptor = {
  nested: {
    SavedModel: { fields: { version: field("int64", 1), metaGraphs: field("MetaGraphDef", 2, "repeated") } },
    MetaGraphDef: {
      fields: {
        info: field("MetaInfoDef", 1),
        graph: field("GraphDef", 2),
        signatures: map("SignatureDef", 5)
      }
    },
    MetaInfoDef: { fields: { tags: field("string", 4, "repeated"), tensorflowVersion: field("string", 5) } },
    SignatureDef: {
      fields: { inputs: map("TensorInfo", 1), outputs: map("TensorInfo", 2), methodName: field("string", 3) }
    },
    TensorInfo: { fields: { name: field("string", 1), dtype: field("int32", 2), shape: field("Shape", 3) } },
    GraphDef: {
      fields: {
        node: field("NodeDef", 1, "repeated"),
        library: field("FunctionLibrary", 2),
        versions: field("Versions", 4)
      }
    },
    Versions: { fields: { producer: field("int32", 1), minConsumer: field("int32", 2) } },
    FunctionLibrary: { fields: { function: field("FunctionDef", 1, "repeated") } },
    FunctionDef: {
      fields: {
        signature: field("OpDef", 1),
        node: field("NodeDef", 3, "repeated"),
        ret: map("string", 4),
        attr: map("AttrValue", 5),
        controlRet: map("string", 6)
      }
    },
    OpDef: {
      fields: {
        name: field("string", 1),
        inputs: field("ArgDef", 2, "repeated"),
        outputs: field("ArgDef", 3, "repeated"),
        attr: field("AttrDef", 4, "repeated"),
        stateful: field("bool", 17),
        controlOutputs: field("string", 20, "repeated")
      }
    },
    AttrDef: { fields: { name: field("string", 1), type: field("string", 2) } },
    ArgDef: { fields: { name: field("string", 1), type: field("int32", 3) } },
    NodeDef: {
      fields: {
        name: field("string", 1),
        op: field("string", 2),
        input: field("string", 3, "repeated"),
        device: field("string", 4),
        attr: map("AttrValue", 5)
      }
    },
    AttrValue: {
      // a oneof, so that a value is written even where it is zero
      oneofs: { value: { oneof: ["list", "s", "i", "f", "b", "type", "shape", "tensor", "func", "placeholder"] } },
      fields: {
        list: field("AttrList", 1),
        s: field("bytes", 2),
        i: field("int64", 3),
        f: field("float", 4),
        b: field("bool", 5),
        type: field("int32", 6),
        shape: field("Shape", 7),
        tensor: field("TensorProto", 8),
        placeholder: field("string", 9),
        func: field("NameAttrList", 10)
      }
    },
    AttrList: { fields: { i: field("int64", 3, "repeated"), type: field("int32", 6, "repeated") } },
    NameAttrList: { fields: { name: field("string", 1), attr: map("AttrValue", 2) } },
    TensorProto: { fields: { dtype: field("int32", 1), shape: field("Shape", 2), content: field("bytes", 4) } },
    Shape: { fields: { dim: field("Dim", 2, "repeated") } },
    Dim: { fields: { size: field("int64", 1) } }
  }
}

export interface ShapeProto {
  readonly dim: readonly { readonly size: number }[]
}

/** A tensor in a model, its content little-endian. */
export interface TensorProto {
  readonly dtype: number
  readonly shape: ShapeProto
  readonly content: Uint8Array
}

/** An attribute: exactly one of these. */
export type AttrValue =
  | { readonly list: { readonly type: readonly number[] } | { readonly i: readonly number[] } }
  | { readonly s: Uint8Array }
  | { readonly i: number }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly type: number }
  | { readonly shape: ShapeProto }
  | { readonly tensor: TensorProto }
  | { readonly placeholder: string }
  | { readonly func: { readonly name: string; readonly attr: { readonly [name: string]: AttrValue } } }

export interface NodeDef {
  readonly name: string
  readonly op: string
  readonly input: readonly string[]
  readonly device?: string
  readonly attr: { readonly [name: string]: AttrValue }
}

export interface ArgDef {
  readonly name: string
  readonly type: number
}

export interface FunctionDef {
  readonly signature: {
    readonly name: string
    readonly inputs: readonly ArgDef[]
    readonly outputs: readonly ArgDef[]
    readonly attr: readonly { readonly name: string; readonly type: string }[]
    readonly stateful: boolean
    readonly controlOutputs: readonly string[]
  }
  readonly attr: { readonly [name: string]: AttrValue }
  readonly node: readonly NodeDef[]
  readonly ret: { readonly [output: string]: string }
  readonly controlRet: { readonly [output: string]: string }
}

export interface TensorInfo {
  readonly name: string
  readonly dtype: number
  readonly shape: ShapeProto
}

export interface SignatureDef {
  readonly inputs: { readonly [name: string]: TensorInfo }
  readonly outputs: { readonly [name: string]: TensorInfo }
  readonly methodName: string
}

export interface SavedModelParts {
  readonly nodes: readonly NodeDef[]
  readonly functions: readonly FunctionDef[]
  readonly signatures: { readonly [name: string]: SignatureDef }
}

/** The tag under which our SavedModels are loaded. */
export const tag = "serve"

/** Version of TensorFlow's graph format that we write, which fixes the meaning of ops (2.16 to 2.21 and later read it). */
const producer = 1882

/** Encodes a graph, its functions and signatures as the bytes of a `saved_model.pb`; needs no other file beside it. */
export const encodeSavedModel = ({ nodes, functions, signatures }: SavedModelParts): Uint8Array => {
  const model = protobuf.Root.fromJSON(descriptor).lookupType("SavedModel")
  const graph = { node: nodes, library: { function: functions }, versions: { producer, minConsumer: 12 } }
  const info = { tags: [tag], tensorflowVersion: "2.21.0" }
  return model.encode(model.fromObject({ version: 1, metaGraphs: [{ info, graph, signatures }] })).finish()
}
