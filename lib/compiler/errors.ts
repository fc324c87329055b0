import { Schema } from "effect"

/** An operation that a target cannot express; names the operation and the stage whose code used it. */
export class UnsupportedOp extends Schema.TaggedError<UnsupportedOp>()("UnsupportedOp", {
  op: Schema.String,
  stage: Schema.String,
  target: Schema.String
}) {
  override get message(): string {
    return `${this.target} has no lowering for ${this.op}, which stage '${this.stage}' uses`
  }
}

/** Something in a model that depends on the batch otherwise than by its size, so that it cannot be made for any; names what. */
export class BatchBound extends Schema.TaggedError<BatchBound>()("BatchBound", { what: Schema.String }) {
  override get message(): string {
    return `${this.what} depends on the batch in a way that is not known`
  }
}

/** A program that breaks a rule of the IR; names the rule, the node and the phase after which it was found. */
export class InvalidProgram extends Schema.TaggedError<InvalidProgram>()("InvalidProgram", {
  phase: Schema.String,
  rule: Schema.String
}) {
  override get message(): string {
    return `invalid program after ${this.phase}: ${this.rule}`
  }
}

/** Something that cannot be traced: a value read, a random op, a tensor made elsewhere. */
export class TraceError extends Schema.TaggedError<TraceError>()("TraceError", { reason: Schema.String, stage: Schema.String }) {
  override get message(): string {
    return `tracing stage '${this.stage}': ${this.reason}`
  }
}
