import type { BufferSpec } from "../../compiler/program.ts"
import type { SessionModel } from "../../compiler/tensorflow/saved-model.ts"
import type { NamedNumbers } from "../engine.ts"
import type { BufferNumbers } from "../state.ts"
import type { Device } from "./installation.ts"

/** Options that the worker is started with. */
export interface WorkerStart {
  readonly addon: string
  readonly device: Device
  readonly buffers: { readonly [name: string]: BufferSpec }
}

export type Request =
  | { readonly kind: "start" }
  /** With `model` where programs were compiled since the last run: it replaces the previous model and takes over its state. */
  | { readonly kind: "run"; readonly title: string; readonly feeds: NamedNumbers; readonly model: SessionModel | undefined }
  | { readonly kind: "read"; readonly buffer: string }
  | { readonly kind: "write"; readonly buffer: string; readonly offset: number; readonly numbers: Float32Array | Int32Array }
  | { readonly kind: "usage" }
  | { readonly kind: "close" }

/** Type of the answer to each kind of request. */
export interface Answers {
  readonly start: { readonly tensorflow: string }
  readonly run: NamedNumbers
  readonly read: BufferNumbers
  readonly write: null
  readonly usage: { readonly peakBytes: number; readonly runSeconds: number }
  readonly close: null
}
