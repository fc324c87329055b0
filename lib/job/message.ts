import { Effect, Schema } from "effect"
import { canonical } from "../store/canonical.ts"
import { Digest, Job, SubmissionName } from "./job.ts"
import { FromTheFuture, JobRefused } from "./job-error.ts"

/** Version of the schema of messages. */
export const messageVersion = 1

const version = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+][0-9A-Za-z.+-]{1,60})?$/
const Version = Schema.String.check(Schema.isPattern(version))

/** W3C trace context: `00-TRACE-SPAN-FLAGS`. */
export const TraceParent = Schema.String.check(Schema.isPattern(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))

const envelope = {
  format: Schema.Literal("semmim-job"),
  version: Schema.Literal(messageVersion),
  semmim: Version,
  submission: SubmissionName,
  pipeline: Digest,
  trace: Schema.optionalKey(TraceParent)
}

/** A job in full, or its location: its digest, below its submission's prefix. */
const WithJob = Schema.Struct({ ...envelope, job: Job })
const WithPayload = Schema.Struct({
  ...envelope,
  payload: Schema.Struct({ sha256: Digest, bytes: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 * 2 ** 20 })) })
})
export const JobMessage = Schema.Union([WithJob, WithPayload])
export type JobMessage = typeof JobMessage.Type

const Outline = Schema.Struct({
  format: Schema.Literal("semmim-job"),
  version: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  semmim: Version
})

const beyondAscii = /[\u007f-\uffff]/g

/** Encodes a value as canonical JSON in ASCII; other characters are written as `\uXXXX`. */
export const asciiJson = (value: unknown): string =>
  canonical(value).replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Encodes the text of a message. */
export const encodeMessage = (message: JobMessage): string => asciiJson(message)

const numbers = (text: string): readonly number[] => version.exec(text)!.slice(1, 4).map(Number)

/** True where one version of semmim is newer than another. */
export const isNewer = (one: string, other: string): boolean => {
  const [a, b] = [numbers(one), numbers(other)]
  const at = a.findIndex((number, i) => number !== b[i])
  return at >= 0 && a[at]! > b[at]!
}

const firstLine = (error: Error): string => error.message.replace(/\s*\n\s*/g, " ").slice(0, 300)

/**
 * Decodes a message's text. Errors: `FromTheFuture` for a newer schema or semmim, `JobRefused` for everything else that is not a
 * message of this version: text that is not JSON, unknown names (`__proto__` too), values out of range.
 */
export const decodeMessage = (body: string, semmim: string): Effect.Effect<JobMessage, FromTheFuture | JobRefused> =>
  Effect.gen(function* () {
    const malformed = (detail: string) => new JobRefused({ reason: "malformed-message", detail })
    const value: unknown = yield* Effect.try({ try: () => JSON.parse(body), catch: () => malformed("it is not JSON") })
    const outline = yield* Schema.decodeUnknownEffect(Outline)(value).pipe(
      Effect.mapError((error) => malformed(firstLine(error)))
    )
    if (outline.version > messageVersion || isNewer(outline.semmim, semmim)) return yield* new FromTheFuture(outline)
    return yield* Schema.decodeUnknownEffect(JobMessage, { onExcessProperty: "error" })(value).pipe(
      Effect.mapError((error) => malformed(firstLine(error)))
    )
  })
