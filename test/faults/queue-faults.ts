import { Effect, Layer } from "effect"
import { queueName } from "../../lib/queue/message-body.ts"
import { Queue, type QueueOperations, type Received } from "../../lib/queue/queue.ts"
import { QueueUnavailable } from "../../lib/queue/queue-error.ts"
import { type Draws, draws } from "./draws.ts"

/** How often faults come: probabilities per request. */
export interface QueueFaultRates {
  /** Refused before anything was done: throttling, a 500, a reset before the request was through. */
  readonly refused: number
  /** Done, and the answer lost. */
  readonly lost: number
  /** A receive is refused since too many messages are in flight. */
  readonly overLimit: number
  /** A message that was handed out before comes once more, whoever holds it, even after its deletion. */
  readonly duplicated: number
  /** A message that is sent comes up to two seconds later than others. */
  readonly late: number
  /** A request takes up to `slowSeconds` longer, before or after it is done. */
  readonly slow: number
  readonly slowSeconds: number
}

/** Rates under which a worker still gets on. */
export const roughQueue: QueueFaultRates = {
  refused: 0.08,
  lost: 0.06,
  overLimit: 0.03,
  duplicated: 0.1,
  late: 0.1,
  slow: 0.1,
  slowSeconds: 0.3
}

const words = ["ThrottlingException", "InternalFailure: 500", "ECONNRESET", "RequestThrottled", "ServiceUnavailable: 503"]

const shuffled = <A>(draw: Draws, items: ReadonlyArray<A>): ReadonlyArray<A> =>
  items
    .map((item) => [draw("order"), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)

const faulty = (queue: QueueOperations, draw: Draws, rates: QueueFaultRates): QueueOperations => {
  const handedOut: { readonly url: string; readonly message: Received }[] = []
  const failing = <A, E>(url: string, operation: string, effect: Effect.Effect<A, E>) =>
    Effect.suspend((): Effect.Effect<A, E | QueueUnavailable> => {
      const reason = words[Math.floor(draw(`${operation} words`) * words.length)]!
      const fail = Effect.fail(new QueueUnavailable({ queue: queueName(url), operation, reason }))
      const pause = () =>
        draw(`${operation} slow`) < rates.slow / 2
          ? Effect.sleep(`${Math.round(draw(`${operation} pause`) * rates.slowSeconds * 1000)} millis`)
          : Effect.void
      const drawn = draw(operation)
      const done = drawn < rates.refused ? fail : drawn < rates.refused + rates.lost ? Effect.andThen(effect, fail) : effect
      return Effect.andThen(pause(), Effect.tap(done, pause()))
    })

  /** What a receive brings, out of order, and now and then with something that was handed out before. */
  const disturbed = (url: string, messages: ReadonlyArray<Received>, max: number) => {
    const before = handedOut.filter((entry) => entry.url === url)
    handedOut.push(...messages.map((message) => ({ url, message })))
    const again = draw("duplicated") < rates.duplicated && before.length > 0 && messages.length < max
    const { message } = again ? before[Math.floor(draw("which") * before.length)]! : { message: undefined }
    return shuffled(
      draw,
      message === undefined ? messages : [...messages, { ...message, receiveCount: message.receiveCount + 1 }]
    )
  }

  return {
    ...queue,
    send: (url, message) => {
      const late = draw("late") < rates.late ? { delaySeconds: Math.ceil(draw("delay") * 2) } : {}
      return failing(url, "send", queue.send(url, { ...message, ...late }))
    },
    sendBatch: (url, messages) => failing(url, "sendBatch", queue.sendBatch(url, messages)),
    receive: (url, options) => {
      const overLimit = new QueueUnavailable({ queue: queueName(url), operation: "receive", reason: "OverLimit" })
      const received = Effect.map(queue.receive(url, options), (messages) => disturbed(url, messages, options.max))
      const asked = Effect.suspend(() => (draw("overLimit") < rates.overLimit ? Effect.fail(overLimit) : received))
      return Effect.uninterruptible(failing(url, "receive", asked))
    },
    changeVisibility: (url, handle, seconds) => failing(url, "changeVisibility", queue.changeVisibility(url, handle, seconds)),
    delete: (url, handle) => failing(url, "delete", queue.delete(url, handle)),
    attributes: (url) => failing(url, "attributes", queue.attributes(url))
  }
}

/**
 * Queues with faults that a seed decides: whether the nth request of a kind meets one depends on nothing else. Making, finding and
 * removing queues meets none.
 */
export const queueFaults = (seed: number, rates: QueueFaultRates = roughQueue): Layer.Layer<Queue, never, Queue> =>
  Layer.effect(
    Queue,
    Effect.map(Queue, (queue) => Queue.of(faulty(queue, draws(seed), rates)))
  )
