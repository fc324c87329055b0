import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Job } from "../../../lib/job/job.ts"
import { FromTheFuture, JobRefused } from "../../../lib/job/job-error.ts"
import { jobKey } from "../../../lib/job/job-key.ts"
import { asciiJson, decodeMessage, encodeMessage, isNewer, type JobMessage } from "../../../lib/job/message.ts"
import { seed } from "../../seed.ts"

const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
const whole = (max: number) => fc.integer({ min: 0, max })
const jobs: fc.Arbitrary<Job> = fc.oneof(
  fc.record({
    kind: fc.constant("prepare" as const),
    shard: whole(999_999),
    first: whole(2 ** 30),
    count: fc.integer({ min: 1, max: 10_000 })
  }),
  fc.record({ kind: fc.constant("evaluate" as const), checkpoint: hex }),
  fc.record({
    kind: fc.constant("embed" as const),
    checkpoint: hex,
    samples: fc.record({ indices: fc.array(whole(1e6), { minLength: 1, maxLength: 9 }) })
  }),
  fc.record({
    kind: fc.constant("train" as const),
    round: whole(1e6),
    replica: whole(9_999),
    attempt: whole(9),
    steps: fc.integer({ min: 1, max: 1e6 }),
    checkpoint: hex,
    state: fc.option(hex)
  }),
  fc.record({ kind: fc.constant("merge" as const), of: fc.constant("round" as const), round: whole(1e6) }),
  fc.constant({ kind: "merge", of: "shards" } as const)
)
const messages: fc.Arbitrary<JobMessage> = fc.record({
  format: fc.constant("semmim-job" as const),
  version: fc.constant(1 as const),
  semmim: fc.constant("0.1.0"),
  submission: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
  pipeline: hex,
  job: jobs
})

const outcome = (body: string, semmim = "0.1.0") => Effect.runSync(Effect.result(decodeMessage(body, semmim)))
const good = {
  format: "semmim-job",
  version: 1,
  semmim: "0.1.0",
  submission: "a",
  pipeline: "0".repeat(64),
  job: { kind: "merge", of: "shards" }
}

describe("messages", () => {
  it("come back as they were sent, in ASCII alone", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const text = encodeMessage(message)
        assert.match(text, /^[\x20-\x7e]+$/)
        const read = outcome(text)
        assert.deepStrictEqual(read._tag === "Success" ? read.success : read.failure, message)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("are escaped so that JSON means the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.match(asciiJson({ text }), /^[\x20-\x7e]*$/)
        assert.deepStrictEqual(JSON.parse(asciiJson({ text })), { text })
      }),
      { seed, numRuns: 200 }
    )
  })

  it("that are anything else are refused by name, never a crash", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = outcome(text)
        assert.strictEqual(read._tag, "Failure")
        assert.instanceOf(read._tag === "Failure" ? read.failure : undefined, JobRefused)
      }),
      { seed, numRuns: 200 }
    )
  })

  const bad: { readonly [what: string]: unknown } = {
    "a path for a submission": { ...good, submission: "../other" },
    "a bucket for a submission": { ...good, submission: "s3://other/a" },
    "an upper-case submission": { ...good, submission: "A" },
    "a path for a checkpoint": { ...good, job: { kind: "evaluate", checkpoint: "../../etc/passwd" } },
    "a URL for a state": {
      ...good,
      job: { kind: "train", round: 0, replica: 0, attempt: 0, steps: 1, checkpoint: "0".repeat(64), state: "http://x" }
    },
    "a module to load": { ...good, stages: ["/tmp/evil.ts"] },
    "a module in its job": { ...good, job: { kind: "merge", of: "shards", module: "/tmp/evil.ts" } },
    "a queue to send to": { ...good, queue: "http://127.0.0.1/other" },
    "another kind": { ...good, job: { kind: "exec", command: "id" } },
    "a negative shard": { ...good, job: { kind: "prepare", shard: -1, first: 0, count: 1 } },
    "a fraction of a shard": { ...good, job: { kind: "prepare", shard: 0.5, first: 0, count: 1 } },
    "no job": { ...good, job: undefined }
  }
  for (const [what, value] of Object.entries(bad))
    it(`with ${what} are refused`, () => {
      const read = outcome(JSON.stringify(value))
      assert.strictEqual(read._tag === "Failure" && read.failure._tag, "JobRefused")
    })

  it("cannot reach an object's prototype", () => {
    const read = outcome(`${JSON.stringify(good).slice(0, -1)},"__proto__":{"version":7}}`)
    assert.strictEqual(read._tag, "Failure")
  })

  it("of a newer schema or a newer semmim are from the future; of an older semmim they are read", () => {
    const future = (value: unknown, semmim?: string) => {
      const read = outcome(JSON.stringify(value), semmim)
      return read._tag === "Failure" && read.failure instanceof FromTheFuture
    }
    assert.isTrue(future({ ...good, version: 2, anything: "goes" }))
    assert.isTrue(future({ ...good, semmim: "0.1.1" }))
    assert.isTrue(future({ ...good, semmim: "1.0.0" }))
    assert.isFalse(future(good, "0.2.0"))
    assert.deepStrictEqual(
      [isNewer("0.10.0", "0.9.9"), isNewer("0.9.9", "0.10.0"), isNewer("1.2.3", "1.2.3"), isNewer("1.2.3-rc.1", "1.2.3")],
      [true, false, false, false]
    )
  })
})

describe("output keys", () => {
  it("are one for the same job, and another wherever any of its inputs is", () => {
    fc.assert(
      fc.property(jobs, jobs, hex, hex, (a, b, p, q) => {
        assert.strictEqual(jobKey(p, a), jobKey(p, structuredClone(a)))
        assert.match(jobKey(p, a), new RegExp(`^${a.kind}-[0-9a-f]{64}$`))
        assert.strictEqual(jobKey(p, a) === jobKey(p, b), asciiJson(a) === asciiJson(b))
        assert.strictEqual(jobKey(p, a) === jobKey(q, a), p === q)
      }),
      { seed, numRuns: 200 }
    )
  })
})
