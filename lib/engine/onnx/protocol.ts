import type { LoweredProgram } from "../../compiler/onnx/lower.ts"
import type { KernelFacts } from "../../compiler/onnx/overwriting.ts"
import type { BufferSpec, Source, ValueType } from "../../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine.ts"

/** An input of a compiled program: its names in the program and in the model, and the source of its elements. */
export interface BoundInput extends ValueType {
  readonly name: string
  readonly modelName: string
  readonly source: Source
}

export interface BoundOutput {
  readonly name: string
  readonly type: ValueType
  readonly modelName: string
}

/** Treatment of a result that is an update; with `inPlace` ONNX Runtime itself writes it over the old elements. */
export type BoundUpdate =
  | {
      readonly kind: "replace"
      readonly buffer: string
      readonly offset: number
      readonly type: ValueType
      readonly modelName: string
      readonly inPlace: boolean
    }
  | { readonly kind: "enqueue"; readonly buffer: string; readonly type: ValueType; readonly modelName: string }

/** A lowered program, and its binding to the state. */
export interface BoundProgram {
  readonly title: string
  readonly model: Uint8Array
  readonly inputs: readonly BoundInput[]
  readonly outputs: readonly BoundOutput[]
  readonly updates: readonly BoundUpdate[]
  /** Intermediate tensors in the worker's scratch memory, and the number of elements that they take. */
  readonly scratch: LoweredProgram["scratch"]
}

/** Options that the worker is started with. */
export interface WorkerStart {
  readonly buffers: { readonly [name: string]: BufferSpec }
  readonly threads: number
}

export type Request =
  | { readonly kind: "probe" }
  | { readonly kind: "compile"; readonly program: BoundProgram }
  | { readonly kind: "run"; readonly title: string; readonly feeds: NamedNumbers }
  | { readonly kind: "read"; readonly buffer: string }
  | { readonly kind: "write"; readonly buffer: string; readonly offset: number; readonly numbers: Float32Array | Int32Array }
  | { readonly kind: "usage" }
  | { readonly kind: "close" }

/** Type of the answer to each kind of request. */
export interface Answers {
  readonly probe: KernelFacts
  readonly compile: null
  readonly run: NamedNumbers
  readonly read: Numbers
  readonly write: null
  readonly usage: { readonly peakBytes: number; readonly runSeconds: number }
  readonly close: null
}
