import * as tf from "@tensorflow/tfjs"
import type { Dtype } from "../tensor/field.ts"
import { installGradients } from "../tensor/gradients.ts"
import { TraceError } from "./errors.ts"
import { ops } from "./ops/table.ts"
import type { Attributes, Literal, Node, Program, Source, Update, ValueType } from "./program.ts"
import { backwardScope, currentStage, inStage, trackStages } from "./stage-name.ts"

/** Data id of a traced tensor: the number of its value, and the trace that it belongs to. */
interface TracedData {
  readonly value: number
  readonly trace: Recording | undefined
}

/** A program under construction, as recorded so far. */
interface Recording {
  readonly values: ValueType[]
  readonly nodes: Node[]
  readonly inputs: { readonly name: string; readonly value: number; readonly source: Source }[]
  /** Values that carry a gradient, and the backward passes that they come from. */
  readonly carriers: Set<number>
  readonly started: Set<number>
}

let recording: Recording | undefined
const backendName = "semmim-trace"

const record = (op: string, inputs: readonly number[], attributes: Attributes, types: readonly ValueType[]): number[] => {
  const r = recording
  if (!r) throw new TraceError({ reason: `${op} was called outside a trace`, stage: currentStage() })
  const outputs = types.map((type) => r.values.push({ shape: [...type.shape], dtype: type.dtype }) - 1)
  // the backward pass starts from a tensor of ones; what it makes from forward values alone carries no gradient
  const scope = backwardScope()
  const backward = scope > 0 && (inputs.length === 0 ? !r.started.has(scope) : inputs.some((input) => r.carriers.has(input)))
  if (backward) r.started.add(scope)
  if (backward) for (const output of outputs) r.carriers.add(output)
  r.nodes.push({ op, inputs, outputs, attributes, stage: currentStage(), ...(backward ? { backward } : {}) })
  return outputs
}

const literal = (values: ArrayLike<number>, dtype: Dtype): Literal => {
  const first = values[0]
  let same = values.length > 0
  for (let i = 1; i < values.length && same; i++) same = values[i] === first
  if (same) return { splat: Number(first) }
  const Numbers = dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array
  return { values: Numbers.from(values) }
}

const tracedValue = (tensor: tf.TensorInfo, op: string): number => {
  const { value, trace } = tensor.dataId as Partial<TracedData>
  if (value === undefined || trace !== recording)
    throw new TraceError({ reason: `${op} reads a tensor that was not made in this trace`, stage: currentStage() })
  return value
}

/** A tfjs backend that computes nothing: kernels infer shapes and record nodes. */
class TraceBackend extends tf.KernelBackend {
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): TracedData {
    const type = { shape, dtype: dtype as Dtype }
    const [value] = record("Constant", [], { ...type, literal: literal(values as ArrayLike<number>, type.dtype) }, [type])
    return { value: value!, trace: recording }
  }
  override readSync(): never {
    throw new TraceError({ reason: "a value was read, but nothing is computed while tracing", stage: currentStage() })
  }
  override read(): never {
    return this.readSync()
  }
  override numDataIds(): number {
    return recording?.values.length ?? 0
  }
  override incRef(): void {}
  override refCount(): number {
    return 1
  }
  override disposeData(): boolean {
    return false
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true }
  }
  override floatPrecision(): 32 {
    return 32
  }
  override epsilon(): number {
    return 1e-7
  }
  override timerAvailable(): boolean {
    return false
  }
  override dispose(): void {}
}

let installed = false
/** Registers the backend and its kernels with tfjs, once; tfjs takes kernels from a global registry only. */
const install = (): void => {
  if (installed) return
  installed = true
  tf.registerBackend(backendName, () => new TraceBackend(), 0)
  trackStages()
  installGradients()
  for (const [op, spec] of Object.entries<import("./ops/spec.ts").OpSpec>(ops)) {
    if (op === "Constant") continue
    const kernelFunc = ({ inputs, attrs }: { inputs: unknown; attrs?: unknown }): tf.TensorInfo | tf.TensorInfo[] => {
      const given = inputs as Record<string, tf.TensorInfo>
      const tensors = spec.inputs === "list" ? Object.values(given) : spec.inputs.map((name) => given[name]!)
      const types = tensors.map((t): ValueType => ({ shape: t.shape, dtype: t.dtype as Dtype }))
      const raw = (attrs ?? {}) as Attributes
      const attributes = spec.normalise ? spec.normalise(types, raw) : raw
      const made = spec.infer(types, attributes)
      const values = record(
        op,
        tensors.map((t) => tracedValue(t, op)),
        attributes,
        made
      )
      const infos = made.map((type, i) => ({
        dataId: { value: values[i]!, trace: recording },
        shape: [...type.shape],
        dtype: type.dtype
      }))
      return infos.length === 1 ? infos[0]! : infos
    }
    tf.registerKernel({ kernelName: op, backendName, kernelFunc: kernelFunc as never })
  }
}

/** Interface for the code under trace. */
export interface Tracer {
  /** Adds a tensor that is fed at each run, or that is a window of a state buffer. */
  readonly input: (name: string, shape: readonly number[], dtype: Dtype, source?: Source) => tf.Tensor
}

/** A change that a run makes to the state, as code under trace returns it. */
export type TracedUpdate =
  | { readonly kind: "replace"; readonly buffer: string; readonly offset: number; readonly tensor: tf.Tensor }
  | { readonly kind: "enqueue"; readonly buffer: string; readonly tensor: tf.Tensor }

/** Result of the traced code: named outputs, and changes to the state. */
export interface Traced {
  readonly outputs: { readonly [name: string]: tf.Tensor }
  readonly updates?: readonly TracedUpdate[]
}

/**
 * Runs tfjs code on symbolic tensors and returns the program it describes. Random ops throw (they would become constants), and so
 * does reading a value. Throws `TraceError` with the stage.
 */
export const trace = (body: (tracer: Tracer) => Traced): Program => {
  install()
  if (recording) throw new TraceError({ reason: "a trace was started inside a trace", stage: currentStage() })
  const before = tf.getBackend()
  const random = Math.random
  const r: Recording = { values: [], nodes: [], inputs: [], carriers: new Set(), started: new Set() }
  tf.setBackend(backendName)
  recording = r
  Math.random = () => {
    throw new TraceError({
      reason: "a random op would bake a constant into the program; draw noise from a key",
      stage: currentStage()
    })
  }
  tf.engine().startScope("trace")
  try {
    const result = body({
      input: (name, shape, dtype, source = { feed: true }) => {
        const value = r.values.push({ shape: [...shape], dtype }) - 1
        r.inputs.push({ name, value, source })
        const info = { dataId: { value, trace: recording }, shape: [...shape], dtype }
        return tf.engine().makeTensorFromDataId(info.dataId, info.shape, dtype, tf.backend())
      }
    })
    return {
      values: r.values,
      inputs: r.inputs,
      nodes: r.nodes,
      outputs: Object.entries(result.outputs).map(([name, tensor]) => ({ name, value: tracedValue(tensor, "an output") })),
      updates: (result.updates ?? []).map(
        ({ tensor, ...update }) => ({ ...update, value: tracedValue(tensor, "an update") }) as Update
      )
    }
  } finally {
    tf.engine().endScope()
    Math.random = random
    recording = undefined
    if (before) tf.setBackend(before)
  }
}

/** Runs `f` under a stage's name; its backward ops get the same name. */
export const stage = <A>(name: string, f: () => A): A => inStage(name, f)
