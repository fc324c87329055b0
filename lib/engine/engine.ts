import { type Effect, Schema, type Scope } from "effect"
import type { BufferSpec, Program } from "../compiler/program.ts"

/** A failure of an engine: its name, what it was doing, and what it said, in one line. */
export class EngineError extends Schema.TaggedError<EngineError>()("EngineError", {
  engine: Schema.String,
  doing: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `engine ${this.engine}, ${this.doing}: ${this.reason}`
  }
}

/** Numbers as they cross the border of an engine. */
export type Numbers = Float32Array | Int32Array | Uint8Array
export interface NamedNumbers {
  readonly [name: string]: Numbers
}

/** A program made ready to run on a session's state. */
export interface Executable {
  /** Runs it once: feeds by input name (all of them, of the right length), gives the outputs by name, and updates the state. */
  readonly run: (feeds: NamedNumbers) => Effect.Effect<NamedNumbers, EngineError>
  /** Seconds that lowering and session creation took. */
  readonly compileSeconds: number
}

/** State buffers that live in the engine, and programs that run on them. Runs are in the order they were asked for. */
export interface EngineSession {
  /** Lowers a program; it may read and update the session's buffers. */
  readonly compile: (name: string, program: Program) => Effect.Effect<Executable, EngineError>
  /** A copy of a buffer. A ring `q` has its pointer (the next row to be written) in the buffer `q.pointer`, int32[1]. */
  readonly read: (buffer: string) => Effect.Effect<Float32Array | Int32Array, EngineError>
  /** Replaces a window of a buffer. */
  readonly write: (buffer: string, offset: number, numbers: Float32Array | Int32Array) => Effect.Effect<void, EngineError>
  /** Peak resident memory of the process in bytes, and seconds spent running programs, so far. */
  readonly usage: Effect.Effect<{ readonly peakBytes: number; readonly runSeconds: number }, EngineError>
}

export interface EngineOptions {
  readonly threads: number
  /** Whether a program with gradients computes what is inside its layers twice, a third more work, to need less memory; not by default. */
  readonly recompute?: boolean
}

/** Something that runs programs. */
export interface Engine {
  readonly name: string
  /** Names the engine and its library's version, for digests and reports. */
  readonly version: string
  /** Where it keeps what it has compiled, in files named by digests; absent where it keeps nothing. */
  readonly compiled?: {
    readonly folder: string
    /** Names the machines that can run it: a part of a path, another for each kind of processor, device and library's version. */
    readonly kind: string
  }
  readonly open: (
    buffers: { readonly [name: string]: BufferSpec },
    options: EngineOptions
  ) => Effect.Effect<EngineSession, EngineError, Scope.Scope>
}
