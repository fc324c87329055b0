import { type Effect, Schema, type Scope } from "effect"
import type { BufferSpec, Program } from "../compiler/program.ts"

/** A failure of an engine: its name, the operation, and the reason, in one line. */
export class EngineError extends Schema.TaggedError<EngineError>()("EngineError", {
  engine: Schema.String,
  doing: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `engine ${this.engine}, ${this.doing}: ${this.reason}`
  }
}

/** Arrays passed in and out of an engine. */
export type Numbers = Float32Array | Int32Array | Uint8Array
export interface NamedNumbers {
  readonly [name: string]: Numbers
}

/** A program ready to run on a session's state. */
export interface Executable {
  /**
   * Runs the program once: takes feeds by input name (all of them, of the right length), returns the outputs by name, and updates
   * the state.
   */
  readonly run: (feeds: NamedNumbers) => Effect.Effect<NamedNumbers, EngineError>
  /** Seconds spent on lowering and session creation. */
  readonly compileSeconds: number
}

/** State buffers kept by the engine, and programs that run on them. Runs execute in the order of the calls. */
export interface EngineSession {
  /** Lowers a program, which may read and update the session's buffers. */
  readonly compile: (name: string, program: Program) => Effect.Effect<Executable, EngineError>
  /** Returns a copy of a buffer. A ring `q` has its pointer (the next row to be written) in the buffer `q.pointer`, int32[1]. */
  readonly read: (buffer: string) => Effect.Effect<Float32Array | Int32Array, EngineError>
  /** Replaces a window of a buffer. */
  readonly write: (buffer: string, offset: number, numbers: Float32Array | Int32Array) => Effect.Effect<void, EngineError>
  /** Peak resident memory of the process in bytes, and seconds spent running programs, so far. */
  readonly usage: Effect.Effect<{ readonly peakBytes: number; readonly runSeconds: number }, EngineError>
}

export interface EngineOptions {
  readonly threads: number
  /** Recomputes intermediates of layers in the backward pass, for a third more work and less memory; false by default. */
  readonly recompute?: boolean
}

/** A runtime for programs. */
export interface Engine {
  readonly name: string
  /** Name of the engine and its library's version, for digests and reports. */
  readonly version: string
  /** The store of compiled code, in files named by digests; absent where the engine keeps none. */
  readonly compiled?: {
    readonly folder: string
    /**
     * Kind of machine that can run the compiled code, as part of a path: distinct for each processor, device and library version.
     */
    readonly kind: string
  }
  readonly open: (
    buffers: { readonly [name: string]: BufferSpec },
    options: EngineOptions
  ) => Effect.Effect<EngineSession, EngineError, Scope.Scope>
}
