import { Schema } from "effect"

/** An operation that a target cannot express, with the operation's name and the stage whose code used it. */
export class UnsupportedOp extends Schema.TaggedError<UnsupportedOp>()("UnsupportedOp", {
  op: Schema.String,
  stage: Schema.String,
  target: Schema.String
}) {
  override get message(): string {
    return `${this.target} has no lowering for ${this.op}, which stage '${this.stage}' uses`
  }
}

/** A dependence on the batch other than through its size, which rules out a model for any batch; `what` names it. */
export class BatchBound extends Schema.TaggedError<BatchBound>()("BatchBound", { what: Schema.String }) {
  override get message(): string {
    return `${this.what} depends on the batch in a way that is not known`
  }
}

/** A program that breaks a rule of the IR, with the rule, the node and the phase after which it was found. */
export class InvalidProgram extends Schema.TaggedError<InvalidProgram>()("InvalidProgram", {
  phase: Schema.String,
  rule: Schema.String
}) {
  override get message(): string {
    return `invalid program after ${this.phase}: ${this.rule}`
  }
}

/** Code that cannot be traced, because it reads a value, uses a random op, or uses a tensor made outside the trace. */
export class TraceError extends Schema.TaggedError<TraceError>()("TraceError", { reason: Schema.String, stage: Schema.String }) {
  override get message(): string {
    return `tracing stage '${this.stage}': ${this.reason}`
  }
}
