import { Schema } from "effect"

/** A tar that cannot be read further: its name, the byte offset, and the reason. */
export class TarError extends Schema.TaggedError<TarError>()("TarError", {
  file: Schema.String,
  offset: Schema.Finite,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem} at byte ${this.offset}`
  }
}
