import type { BufferSpec, Program } from "../program.ts"
import { pointerOf } from "../program.ts"
import { lowerFunction, type Port, typeParameter } from "./function.ts"
import { attr, type ElementType, elementTypes, shapeProto, tensorProto } from "./graph.ts"
import type { LoweringOptions } from "./lowering.ts"
import {
  type AttrValue,
  encodeSavedModel,
  type FunctionDef,
  type NodeDef,
  type SignatureDef,
  type TensorInfo
} from "./messages.ts"
import { type Piece, partition } from "./partition.ts"

/** A tensor that is fed or fetched, and the model's name for it. */
export interface BoundPort extends Port {
  readonly tensor: string
}

/** A program in a model: the tensors to feed and to fetch; `done` is fetched where there is nothing else to fetch. */
export interface BoundProgram {
  readonly feeds: readonly BoundPort[]
  readonly outputs: readonly BoundPort[]
  readonly done: string
  readonly changes: readonly string[]
}

/** A variable of a model: feeding `given` and fetching `written` assigns it, fetching `read` reads it. */
export interface BoundPiece extends Piece {
  readonly given: string
  readonly written: string
  readonly read: string
}

/** Programs that share their state, as one SavedModel. */
export interface SessionModel {
  readonly model: Uint8Array
  readonly pieces: readonly BoundPiece[]
  readonly programs: { readonly [title: string]: BoundProgram }
}

export interface ModelOptions extends LoweringOptions {
  /** The device that everything is placed on; TensorFlow rejects the model where it has no such device. */
  readonly device: "cpu" | "gpu"
  readonly buffers: { readonly [name: string]: BufferSpec }
}

/** Returns the buffers together with the pointers of the rings among them. */
export const withPointers = (buffers: { readonly [name: string]: BufferSpec }): { readonly [name: string]: BufferSpec } =>
  Object.fromEntries(
    Object.entries(buffers).flatMap(([name, spec]): [string, BufferSpec][] => [
      [name, spec],
      ...(spec.ring ? [[pointerOf(name), { dtype: "int32", length: 1 }] as [string, BufferSpec]] : [])
    ])
  )

const method = "tensorflow/serving/predict"
const info = (tensor: string, dtype: ElementType, shape: readonly number[]): TensorInfo => ({
  name: tensor,
  dtype: elementTypes[dtype],
  shape: shapeProto(shape)
})
const infos = (ports: readonly BoundPort[]) =>
  Object.fromEntries(ports.map(({ name, tensor, dtype, shape }) => [name, info(tensor, dtype, shape)]))

/**
 * Makes the model of all programs of a session: a variable per piece of the state, and a call per program, each of which XLA
 * compiles as a whole. Names of programs must be unique. Throws `UnsupportedOp`.
 */
export const sessionModel = (programs: ReadonlyMap<string, Program>, options: ModelOptions): SessionModel => {
  const buffers = withPointers(options.buffers)
  const pieces = [...partition(buffers, [...programs.values()])]
  const all = pieces.flatMap(([, of]) => of)
  const place = options.device === "gpu" ? "/device:GPU:0" : "/device:CPU:0"
  const nodes: NodeDef[] = []
  const add = (
    name: string,
    op: string,
    input: readonly string[],
    attrs: { readonly [name: string]: AttrValue },
    device = place
  ) => {
    nodes.push({ name, op, input, device, attr: attrs })
    return name
  }
  const placeholder = (name: string, dtype: ElementType, shape: readonly number[]): string =>
    add(name, "Placeholder", [], { dtype: attr.type(dtype), shape: attr.shape(shape) }, "/device:CPU:0")
  const float = { dtype: attr.type("float32") }
  const one = { dtype: attr.type("float32"), value: { tensor: tensorProto([1], [], "float32") } }
  add("one", "Const", [], one, "/device:CPU:0")
  const after = (name: string, node: string): string => {
    add(name, "Identity", ["one", `^${node}`], { T: attr.type("float32") }, "/device:CPU:0")
    return `${name}:0`
  }
  const bound = all.map((piece, i): BoundPiece => {
    const shape = attr.shape([piece.length])
    add(`state${i}`, "VarHandleOp", [], { ...float, shape, shared_name: attr.text(`${piece.buffer}@${piece.offset}`) })
    const given = placeholder(`given${i}`, "float32", [piece.length])
    const assign = add(`assign${i}`, "AssignVariableOp", [`state${i}`, given], { ...float, validate_shape: attr.bool(false) })
    const read = add(`read${i}`, "ReadVariableOp", [`state${i}`], float)
    return { ...piece, given: `${given}:0`, written: after(`written${i}`, assign), read: `${read}:0` }
  })
  const number = new Map(all.map((piece, i) => [piece, i]))
  const functions: FunctionDef[] = []
  const call = (program: Program): BoundProgram => {
    const k = functions.length
    const lowered = lowerFunction(`program${k}`, program, { ...options, buffers, partition: new Map(pieces) })
    functions.push(lowered.definition)
    const feeds = lowered.feeds.map((port, i) => ({
      ...port,
      tensor: `${placeholder(`feed${k}_${i}`, port.dtype, port.shape)}:0`
    }))
    const inputs = [
      ...feeds.map(({ tensor }) => tensor.slice(0, -2)),
      ...lowered.pieces.map((piece) => `state${number.get(piece)}`)
    ]
    const called = add(`call${k}`, "StatefulPartitionedCall", inputs, {
      Tin: attr.types([...feeds.map(({ dtype }) => dtype), ...lowered.pieces.map(() => "resource" as const)]),
      Tout: attr.types(lowered.outputs.map(({ dtype }) => dtype)),
      f: { func: { name: `program${k}`, attr: { [typeParameter]: attr.type("float32") } } },
      // It takes effect on the calling node; on the function it would not.
      _XlaMustCompile: attr.bool(true)
    })
    const outputs = lowered.outputs.map((port, i) => ({ ...port, tensor: `${called}:${i}` }))
    return { feeds, outputs, done: after(`done${k}`, called), changes: lowered.changes }
  }
  const boundPrograms = Object.fromEntries([...programs].map(([title, program]) => [title, call(program)]))
  const signature = (inputs: readonly BoundPort[], outputs: readonly BoundPort[]): SignatureDef => ({
    inputs: infos(inputs),
    outputs: infos(outputs),
    methodName: method
  })
  const stateful = (tensor: (piece: BoundPiece) => string, of = bound): readonly BoundPort[] =>
    of.map((piece) => ({
      name: `${piece.buffer}@${piece.offset}`,
      tensor: tensor(piece),
      dtype: "float32",
      shape: [piece.length]
    }))
  return {
    model: encodeSavedModel({
      nodes,
      functions,
      signatures: {
        "state.init": signature(
          stateful((piece) => piece.given),
          stateful((piece) => piece.written).map((port) => ({ ...port, shape: [] }))
        ),
        "state.read": signature(
          [],
          stateful((piece) => piece.read)
        ),
        ...Object.fromEntries(
          Object.entries(boundPrograms).map(([title, { feeds, outputs }]) => [title, signature(feeds, outputs)])
        )
      }
    }),
    pieces: bound,
    programs: boundPrograms
  }
}
