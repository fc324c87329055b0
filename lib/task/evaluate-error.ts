import { Schema } from "effect"

/** An evaluation that cannot be done or gives values that are not finite: the task and the reason. */
export class EvaluateError extends Schema.TaggedError<EvaluateError>()("EvaluateError", {
  task: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.task}: ${this.reason}`
  }
}
