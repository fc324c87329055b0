import { Schema } from "effect"

/** A folder that shards cannot be written into, or gone on with: which, and why. */
export class PrepareError extends Schema.TaggedError<PrepareError>()("PrepareError", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.problem}`
  }
}
