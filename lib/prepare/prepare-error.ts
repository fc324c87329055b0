import { Schema } from "effect"

/** A folder in which shards cannot be written or continued: its path, and the reason. */
export class PrepareError extends Schema.TaggedError<PrepareError>()("PrepareError", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.problem}`
  }
}
