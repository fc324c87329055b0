import { Schema } from "effect"

/** A sample that cannot be used: it is skipped, counted, and reported by id and reason, never with its caption. */
export class SampleError extends Schema.TaggedError<SampleError>()("SampleError", {
  id: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `sample ${this.id}: ${this.reason}`
  }
}

/** A pipeline whose stages do not fit together, or a setting that no stage takes; the message names them and the reason. */
export class WiringError extends Schema.TaggedError<WiringError>()("WiringError", {
  pipeline: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.pipeline}: ${this.problem}`
  }
}
