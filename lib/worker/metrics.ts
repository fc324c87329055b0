import { Effect, Metric } from "effect"

const jobs = Metric.counter("semmim_jobs_total", { description: "Jobs that ended, by kind and outcome", incremental: true })
const seconds = Metric.histogram("semmim_job_seconds", {
  description: "Seconds that jobs took whose output was committed, by kind",
  boundaries: Metric.exponentialBoundaries({ start: 0.01, factor: 4, count: 10 })
})
const flight = Metric.gauge("semmim_messages_in_flight", { description: "Messages held by this worker" })
const lost = Metric.counter("semmim_leases_lost_total", {
  description: "Messages that were lost while their job ran",
  incremental: true
})
const polls = Metric.counter("semmim_poll_faults_total", {
  description: "Polls that met a fault that may pass",
  incremental: true
})

/**
 * Result of a job: its output committed; another one was first; it was committed before; it failed; or the store or queue failed.
 */
export type Ending = "done" | "second" | "repeated" | "failed" | "elsewhere"

/** Counts the end of a job and records its duration. */
export const jobEnded = (kind: string, outcome: Ending, took?: number): Effect.Effect<void> =>
  Effect.andThen(
    Metric.update(Metric.withAttributes(jobs, { kind, outcome }), 1),
    took === undefined ? Effect.void : Metric.update(Metric.withAttributes(seconds, { kind }), took)
  )

export const inFlight = (messages: number): Effect.Effect<void> => Metric.update(flight, messages)
export const leaseLost: Effect.Effect<void> = Metric.update(lost, 1)
export const pollFault: Effect.Effect<void> = Metric.update(polls, 1)
