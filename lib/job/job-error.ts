import { Schema } from "effect"

/** A job that can never succeed with its message: the reason in a few words (a slug), and in full. It is not retried. */
export class JobRefused extends Schema.TaggedError<JobRefused>()("JobRefused", {
  reason: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.reason}: ${this.detail}`
  }
}

/** A job that failed and may succeed when it is retried. */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", {
  reason: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.reason}: ${this.detail}`
  }
}

/** A message from a newer semmim: this worker cannot interpret it, a worker deployed later may. */
export class FromTheFuture extends Schema.TaggedError<FromTheFuture>()("FromTheFuture", {
  version: Schema.Int,
  semmim: Schema.String
}) {
  override get message(): string {
    return `a message of schema version ${this.version} by semmim ${this.semmim}, newer than this worker`
  }
}

/** Returns a reason as part of a key: lower-case letters, digits and dashes, at most 40. */
export const slug = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40) || "unknown"
