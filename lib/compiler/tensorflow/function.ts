import { UnsupportedOp } from "../errors.ts"
import { type BufferSpec, type Program, pointerOf, sizeOf } from "../program.ts"
import { attr, castIn, type ElementType, elementTypes, startGraph, tensorProto } from "./graph.ts"
import type { LoweringOptions } from "./lowering.ts"
import type { FunctionDef, NodeDef } from "./messages.ts"
import type { Partition, Piece } from "./partition.ts"
import { recomputedIn } from "./recomputed.ts"
import { enqueue } from "./ring.ts"
import { argumentOf, stateInGraph } from "./state.ts"
import { loweringOf } from "./table.ts"

/** A tensor that enters or leaves a function, under the program's name for it. */
export interface Port {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: ElementType
}

/** A program as a TensorFlow function: its arguments are `feeds`, then the variables of `pieces`. */
export interface LoweredFunction {
  readonly definition: FunctionDef
  readonly pieces: readonly Piece[]
  readonly feeds: readonly Port[]
  readonly outputs: readonly Port[]
  /** Names of the buffers that it changes. */
  readonly changes: readonly string[]
}

export interface FunctionOptions extends LoweringOptions {
  readonly buffers: { readonly [name: string]: BufferSpec }
  readonly partition: Partition
}

/**
 * The function's type parameter, which the calling node fills in. It types nothing that is used: TensorFlow leaves functions with
 * parameters unchanged, and would rewrite others into what XLA cannot compile (the sum of many tensors into temporary variables).
 */
export const typeParameter = "T"
const parametrised: NodeDef = {
  name: "parametrised",
  op: "Const",
  input: [],
  attr: { dtype: { placeholder: typeParameter }, value: { tensor: tensorProto([0], [], "float32") } }
}

/** Lowers a program, whose own kernels are decomposed, to a function. Throws `UnsupportedOp` with the op and its stage. */
export const lowerFunction = (name: string, program: Program, options: FunctionOptions): LoweredFunction => {
  let stage = "input"
  const graph = startGraph(program, () => stage)
  const state = stateInGraph(graph, options.partition)
  const fed = program.inputs.filter(({ source }) => "feed" in source)
  for (const { value, source } of program.inputs)
    if ("buffer" in source) graph.set(value, state.read(source.buffer, source.offset, graph.type(value).shape))
  const feeds = fed.map(({ name, value, source }): Port => {
    const { shape, dtype } = graph.type(value)
    return { name, shape, dtype: "feed" in source && source.bytes ? "uint8" : dtype }
  })
  // Inputs fed as bytes are cast to the program's dtype here.
  for (const [i, { value }] of fed.entries())
    graph.set(value, castIn(graph, `feed${i}`, feeds[i]!.dtype, graph.type(value).dtype))
  const graphFor = recomputedIn(
    graph,
    fed.map(({ value }) => value)
  )
  for (const node of program.nodes) {
    stage = node.stage
    const lowering = loweringOf(node.op)
    if (typeof lowering !== "function") throw new UnsupportedOp({ op: node.op, stage, target: "tensorflow" })
    for (const [i, made] of lowering(node, graphFor(node), options).entries()) graph.set(node.outputs[i]!, made)
  }
  stage = "update"
  for (const update of program.updates) {
    const { buffer, value } = update
    const length = sizeOf(graph.type(value).shape)
    if (update.kind === "replace") state.replace(buffer, update.offset, length, graph.name(value))
    else
      enqueue(
        graph,
        state,
        { name: buffer, pointer: pointerOf(buffer), spec: options.buffers[buffer]! },
        graph.name(value),
        length
      )
  }
  const done = state.assign()
  stage = "output"
  const outputs = program.outputs.map((output) => ({ name: output.name, ...graph.type(output.value) }))
  const returned = program.outputs.map(({ value }, i) => [
    `output${i}`,
    graph.emit("Identity", [graph.name(value)], { T: attr.type(outputs[i]!.dtype) })
  ])
  const pieces = state.used()
  return {
    definition: {
      signature: {
        name,
        inputs: [
          ...feeds.map(({ dtype }, i) => ({ name: `feed${i}`, type: elementTypes[dtype] })),
          ...pieces.map((_, i) => ({ name: argumentOf(i), type: elementTypes.resource }))
        ],
        outputs: outputs.map(({ dtype }, i) => ({ name: `output${i}`, type: elementTypes[dtype] })),
        attr: [{ name: typeParameter, type: "type" }],
        stateful: true,
        controlOutputs: done
      },
      attr: { _nospecialize: attr.bool(true), _noinline: attr.bool(true) },
      node: [parametrised, ...graph.nodes],
      ret: Object.fromEntries(returned),
      controlRet: Object.fromEntries(done.map((node) => [node, node]))
    },
    pieces,
    feeds,
    outputs,
    changes: [
      ...new Set(program.updates.flatMap(({ kind, buffer }) => (kind === "enqueue" ? [buffer, pointerOf(buffer)] : [buffer])))
    ]
  }
}
