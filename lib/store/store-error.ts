import { type PlatformError, Schema } from "effect"

/** A file or folder that could not be read, written or locked: its path, and the reason. */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** Converts a platform's error on a path to a `StoreError` with the system's own words ("ENOSPC: no space left on device"). */
export const storeError =
  (path: string) =>
  (error: PlatformError.PlatformError): StoreError => {
    const cause = error.reason.cause
    const words = cause instanceof Error ? cause.message : error.message
    return new StoreError({ path, reason: words.split("\n", 1)[0]! })
  }
