import { Schema } from "effect"

/** Weights that do not fit a model, or a model folder that cannot be read or written: the path, and the problem. */
export class WeightsError extends Schema.TaggedError<WeightsError>()("WeightsError", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}
