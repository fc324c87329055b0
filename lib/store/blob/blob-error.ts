import { Schema } from "effect"

/** No blob has this key. */
export class BlobMissing extends Schema.TaggedError<BlobMissing>()("BlobMissing", {
  store: Schema.String,
  key: Schema.String
}) {
  override get message(): string {
    return `${this.store}: ${this.key}: not there`
  }
}

/** Content that differs from what was written, or from what the reader expected: SHA-256 expected and found. */
export class BlobDamaged extends Schema.TaggedError<BlobDamaged>()("BlobDamaged", {
  store: Schema.String,
  key: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `${this.store}: ${this.key}: SHA-256 is ${this.found}, expected ${this.expected}`
  }
}

/** A request that cannot succeed on any retry: an invalid key, access denied, no bucket, no credentials. */
export class BlobRefused extends Schema.TaggedError<BlobRefused>()("BlobRefused", {
  store: Schema.String,
  key: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.store}: ${this.key}: ${this.reason}`
  }
}

/** A transient failure: a 5xx, throttling, a connection reset, a full disk. Retry later. */
export class BlobUnavailable extends Schema.TaggedError<BlobUnavailable>()("BlobUnavailable", {
  store: Schema.String,
  key: Schema.String,
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.store}: ${this.key}: ${this.operation}: ${this.reason}`
  }
}

/** A store that ignores the condition of a conditional put, so that two workers could both commit: refused at start. */
export class StoreUnconditional extends Schema.TaggedError<StoreUnconditional>()("StoreUnconditional", {
  store: Schema.String
}) {
  override get message(): string {
    return `${this.store}: ignores If-None-Match, so a committed output could be overwritten; use another store`
  }
}

/** Errors of every operation on a store. */
export type BlobError = BlobRefused | BlobUnavailable
