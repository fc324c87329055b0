import { Schema } from "effect"

/** Data that cannot be read as a whole (a list, a package, a folder), in contrast to one bad sample of it. */
export class DataError extends Schema.TaggedError<DataError>()("DataError", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}`
  }
}
