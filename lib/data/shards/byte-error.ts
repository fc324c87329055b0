import { Schema } from "effect"

/** Bytes that could not be read: their location, the reason, and whether a retry may help. */
export class ByteError extends Schema.TaggedError<ByteError>()("ByteError", {
  location: Schema.String,
  problem: Schema.String,
  transient: Schema.Boolean
}) {
  override get message(): string {
    return `${this.location}: ${this.problem}`
  }
}

/** Returns the error for bytes that end before a range does. */
export const endsEarly = (location: string, from: number, length: number, got: number): ByteError =>
  new ByteError({ location, problem: `ends at byte ${from + got}, where ${length} from ${from} were wanted`, transient: false })
