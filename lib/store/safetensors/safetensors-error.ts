import { Effect, Schema } from "effect"

/** A safetensors file, or tensors to be written as one, that break the format: which file, and which rule. */
export class SafetensorsError extends Schema.TaggedError<SafetensorsError>()("SafetensorsError", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}

/** The effect of a pure function that throws a `SafetensorsError`; anything else thrown is a defect. */
export const attempt = <A>(run: () => A): Effect.Effect<A, SafetensorsError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      return error instanceof SafetensorsError ? Effect.fail(error) : Effect.die(error)
    }
  })
