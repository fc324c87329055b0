import { NodeServices } from "@effect/platform-node"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger } from "effect"
import { inject } from "vitest"
import { deployTemplate } from "../../lib/deploy/template.ts"
import { sendJobs } from "../../lib/job/send-jobs.ts"
import { jobStates } from "../../lib/job/states.ts"
import { submit } from "../../lib/job/submit.ts"
import { Queue } from "../../lib/queue/queue.ts"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { BlobStore } from "../../lib/store/blob/blob-store.ts"
import { s3BlobStore } from "../../lib/store/blob/s3.ts"
import { lambdaHandler } from "../../lib/worker/lambda.ts"
import { work } from "../../lib/worker/worker.ts"
import { made, shardJob, toyHandlers, toyOrigin, toyProcessing, toySubmission } from "../toy/jobs.ts"
import { allowFinding, assume, type Credentials, createStack, enforceRoles, roleWith } from "./stack.ts"

const endpoint = inject("guardedMoto")
const options = { prefix: "team/pipelines", instanceTypes: ["g5.xlarge"] }
const names = new Map<string, string>()
const who = new Map<string, Credentials>()

beforeAll(async () => {
  for (const stack of ["own", "foreign"])
    for (const [name, physical] of await createStack(endpoint, stack, deployTemplate(options)))
      names.set(stack === "own" ? name : `${stack}.${name}`, physical)
  const submitter = await roleWith(endpoint, "submitter", names.get("SubmitterPolicy")!)
  const roles = { worker: names.get("WorkerRole")!, host: names.get("HostRole")!, submitter }
  for (const [name, role] of Object.entries(roles)) {
    await allowFinding(endpoint, role)
    who.set(name, await assume(endpoint, role))
  }
  await enforceRoles(endpoint)
})

const url = (queue: string): string => `${endpoint}/123456789012/${names.get(queue)!.split("/").at(-1)}`
const urls = () => ({ host: url("HostQueue"), gpu: url("GpuQueue") })

/** A store's layer, by the credentials that the environment has when it is made. */
const storeIn = (bucket: string, prefix = options.prefix) => s3BlobStore({ endpoint, bucket: names.get(bucket)!, prefix })

/** Does something with the credentials of a role, which come from the environment as they do in a container. */
const as = <A, E>(role: string, doing: Effect.Effect<A, E, Queue | BlobStore | Layer.Success<typeof NodeServices.layer>>) =>
  Effect.suspend(() => {
    Object.assign(process.env, who.get(role), { AWS_REGION: "us-east-1" })
    const services = Layer.mergeAll(sqsQueue({ endpoint }), storeIn("Bucket"), NodeServices.layer, Logger.layer([]))
    return Effect.provide(doing, services, { local: true })
  })

/**
 * Asserts that something is refused, and for want of permission. moto answers SQS's clients in XML then, which they cannot read: of
 * a 403 the error names the class alone, of any other status also what could not be read.
 */
const denied = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  what: string,
  doing: Effect.Effect<A, E, R>
) =>
  Effect.map(Effect.flip(doing), (error) => {
    assert.match(error._tag, /Refused$/, `${what}: ${error.message}`)
    assert.match(error.message, /: (AccessDenied|SyntaxError)$/, what)
  })

const processing = () => toyProcessing(toyHandlers((job) => Effect.succeed(made(job))).handlers)
const doneOf = (kind: string) => Effect.map(jobStates("toy"), ({ done }) => done.get(kind)?.length ?? 0)

describe("roles of the printed template, on moto, which enforces them", () => {
  it.live("let people submit, a worker do GPU jobs and a function do host jobs", () =>
    Effect.gen(function* () {
      yield* as("submitter", submit(toySubmission(), urls()))
      yield* as("submitter", sendJobs(urls(), toyOrigin(), [shardJob(0)]))
      const gpuJobs = Effect.gen(function* () {
        const stop = yield* Deferred.make<void>()
        const pools = [{ url: url("GpuQueue"), concurrency: 2, buffer: 0 }]
        const one = { pools, processing: processing(), stop, drainSeconds: 5, visibilitySeconds: 30, pollSeconds: 1 }
        const working = yield* Effect.forkChild((yield* work(one)).ended)
        const queue = yield* Queue
        yield* queue.send(url("GpuQueue"), { body: "poison" })
        const left = Effect.map(queue.attributes(url("GpuQueue")), ({ available, inFlight }) => available + inFlight)
        const allDone = Effect.gen(function* () {
          while ((yield* doneOf("train")) < 2 || (yield* left) > 0) yield* Effect.sleep("100 millis")
        })
        yield* Effect.raceFirst(allDone, Fiber.join(working))
        yield* Deferred.succeed(stop, undefined)
        yield* Fiber.join(working)
      })
      yield* as("worker", Effect.scoped(gpuJobs))
      const hostJobs = Effect.gen(function* () {
        const queue = yield* Queue
        const context = yield* Effect.context<Queue | BlobStore | Layer.Success<typeof NodeServices.layer>>()
        const { handler, close } = lambdaHandler({
          processing: Effect.succeed(processing()),
          services: Layer.succeedContext(context),
          url: url("HostQueue"),
          deadLetters: url("HostDeadLetters")
        })
        yield* queue.send(url("HostQueue"), { body: "poison" })
        const messages = yield* queue.receive(url("HostQueue"), { max: 10, waitSeconds: 1 })
        const Records = messages.map(({ id, body }) => ({
          messageId: id,
          body,
          eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:host",
          attributes: { ApproximateReceiveCount: "1", SentTimestamp: "1" }
        }))
        assert.deepStrictEqual(yield* Effect.promise(() => handler({ Records })), { batchItemFailures: [] })
        for (const { handle } of messages) yield* queue.delete(url("HostQueue"), handle)
        yield* Effect.promise(close)
        assert.strictEqual(yield* doneOf("prepare"), 1)
      })
      yield* as("host", hostJobs)
      const poison = Effect.gen(function* () {
        const queue = yield* Queue
        for (const dead of ["GpuDeadLetters", "HostDeadLetters"]) {
          const [message] = yield* queue.receive(url(dead), { max: 1, waitSeconds: 5 })
          assert.strictEqual(message?.body, "poison", dead)
          yield* queue.delete(url(dead), message!.handle)
        }
      })
      yield* as("submitter", poison)
    })
  )

  for (const [role, own, others] of [
    ["worker", "GpuQueue", ["HostQueue", "HostDeadLetters", "GpuDeadLetters"]],
    ["host", "HostQueue", ["GpuQueue", "HostDeadLetters", "GpuDeadLetters"]]
  ] as const)
    it.live(`let a ${role} reach its prefix and its queue, and nothing else`, () =>
      as(
        role,
        Effect.gen(function* () {
          const queue = yield* Queue
          const store = yield* BlobStore
          const key = `toy/content/${role}`
          assert.strictEqual(yield* store.putIfAbsent(key, new Uint8Array(9 * 2 ** 20)), "created")
          assert.strictEqual((yield* store.get(key)).content.length, 9 * 2 ** 20)
          yield* denied("deleting", store.delete(key))
          for (const [bucket, prefix] of [
            ["Bucket", "team/other"],
            ["Bucket", "team/pipelines2"],
            ["Bucket", ""],
            ["foreign.Bucket", options.prefix]
          ] as const)
            yield* denied(`${bucket} ${prefix}`, Effect.provide(BlobStore, storeIn(bucket, prefix), { local: true }))

          const id = yield* queue.send(url(own), { body: role })
          const [message] = yield* queue.receive(url(own), { max: 1, waitSeconds: 1 })
          assert.strictEqual(message?.id, id)
          yield* queue.changeVisibility(url(own), message!.handle, 60)
          yield* queue.delete(url(own), message!.handle)
          for (const other of [...others, `foreign.${own}`]) {
            yield* denied(`taking from ${other}`, queue.receive(url(other), { max: 1, waitSeconds: 0 }))
            yield* denied(`looking at ${other}`, queue.attributes(url(other)))
            yield* denied(`removing ${other}`, queue.remove(url(other)))
          }
          yield* denied("sending to another stack", queue.send(url(`foreign.${own}`), { body: role }))
          yield* denied("removing its own queue", queue.remove(url(own)))
          yield* denied("making a queue", queue.create("mine", { visibilitySeconds: 30 }))
        })
      )
    )
})
