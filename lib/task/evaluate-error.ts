import { Schema } from "effect"

/** An evaluation that cannot be done, or whose numbers are no numbers: which task, and why. */
export class EvaluateError extends Schema.TaggedError<EvaluateError>()("EvaluateError", {
  task: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.task}: ${this.reason}`
  }
}
