import { Effect, Schema } from "effect"

/** An invalid safetensors file, or tensors that cannot be written as one: the file, and the rule broken. */
export class SafetensorsError extends Schema.TaggedError<SafetensorsError>()("SafetensorsError", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}

/** Runs a pure function that throws a `SafetensorsError` as an effect; anything else thrown is a defect. */
export const attempt = <A>(run: () => A): Effect.Effect<A, SafetensorsError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      return error instanceof SafetensorsError ? Effect.fail(error) : Effect.die(error)
    }
  })
