import { Effect, Schema } from "effect"
import { BlobStore } from "../store/blob/blob-store.ts"
import { sha256 } from "../store/digest.ts"
import { Job } from "./job.ts"
import { JobRefused } from "./job-error.ts"
import { keys } from "./keys.ts"
import { asciiJson, encodeMessage, type JobMessage, messageVersion, TraceParent } from "./message.ts"

/** Maximum length of a message; the job of a longer one is kept in the store. */
export const longestMessage = 200_000

/** Fields that every message of a submission has besides its job. */
export interface Origin {
  readonly submission: string
  readonly pipeline: string
  readonly semmim: string
}

/** Current trace context, where there is one: while tracing is disabled, Effect's spans have no ids. */
const traceContext = Effect.gen(function* () {
  const span = yield* Effect.option(Effect.currentSpan)
  if (span._tag === "None") return {}
  const trace = `00-${span.value.traceId}-${span.value.spanId}-${span.value.sampled ? "01" : "00"}`
  return Schema.is(TraceParent)(trace) ? { trace } : {}
})

/**
 * Returns the text of a message for a job, with the current trace. A job too large for a message is stored first, and outlives
 * its message: it is deleted only by the store's lifecycle rule.
 */
export const messageFor = Effect.fn("job.messageFor")(function* (origin: Origin, job: Job) {
  const head = { format: "semmim-job", version: messageVersion, ...origin, ...(yield* traceContext) } as const
  const text = encodeMessage({ ...head, job })
  if (text.length <= longestMessage) return text
  const content = new TextEncoder().encode(asciiJson(job))
  const store = yield* BlobStore
  const digest = sha256(content)
  yield* store.putIfAbsent(keys.payload(origin.submission, digest), content)
  return encodeMessage({ ...head, payload: { sha256: digest, bytes: content.length } })
})

/**
 * Returns the job of a message, read from the store where it is kept there. Errors: `JobRefused` where it differs from what was
 * sent.
 */
export const jobOf = Effect.fn("job.jobOf")(function* (message: JobMessage) {
  if ("job" in message) return message.job
  const { sha256: digest, bytes } = message.payload
  const store = yield* BlobStore
  const refuse = (reason: string, detail: string) => new JobRefused({ reason, detail })
  const blob = yield* store.get(keys.payload(message.submission, digest), digest).pipe(
    Effect.catchTag("BlobMissing", () => Effect.fail(refuse("missing-payload", digest))),
    Effect.catchTag("BlobDamaged", ({ found }) => Effect.fail(refuse("altered-payload", `${digest} is now ${found}`)))
  )
  if (blob.content.length !== bytes)
    return yield* refuse("altered-payload", `${digest} has ${blob.content.length} bytes, not ${bytes}`)
  return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Job), { onExcessProperty: "error" })(
    new TextDecoder().decode(blob.content)
  ).pipe(Effect.mapError((error) => refuse("malformed-payload", error.message.replace(/\s*\n\s*/g, " ").slice(0, 300))))
})
