import { Runtime, Schema } from "effect"

/** A wrong command or setting: one line that says what was expected. The process ends with status 2. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { problem: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2
  override get message(): string {
    return this.problem
  }
}
