import type { Status } from "../job/status.ts"
import { duration } from "../log/duration.ts"
import { table } from "../log/table.ts"

const many = (count: number): string => (count === 0 ? "" : String(count))

const words = { failed: "failed", dead: "given up", rejected: "rejected", incident: "no job's fault" } as const

/** Seconds without any change after which that is reported. */
const quiet = 120

/** Formats a status; `price` is the cost of a worker-hour, 0 for unknown. */
export const statusText = (status: Status, price: number): string => {
  const { submission, state, why, kinds, reasons, rate, eta, busySeconds, quietSeconds, seconds } = status
  const { maxHours, maxWorkers } = submission.limits
  const limits = [
    ...(maxWorkers === null ? [] : [`at most ${maxWorkers} workers`]),
    ...(maxHours === null ? [] : [`at most ${maxHours} h`])
  ]
  const cost = price > 0 ? `, about ${((busySeconds / 3600) * price).toFixed(2)} spent` : ""
  const speed = rate === null ? "" : `, ${rate.toPrecision(3)} jobs/s${eta === null ? "" : `, ${duration(eta)} left`}`
  return [
    `${submission.name}: ${state}${why === null ? "" : ` (${why})`} after ${duration(seconds)}${speed}`,
    `pipeline ${submission.pipeline.name} ${submission.digest.slice(0, 12)}, ${submission.rounds.replicas} replicas${limits.map((limit) => `, ${limit}`).join("")}`,
    `workers were busy for ${duration(busySeconds)}${cost}`,
    table(
      ["job", "done", "of", "failures", "given up"],
      kinds.map(({ kind, done, total, failures, dead }) => [
        kind,
        String(done),
        total === null ? "?" : String(total),
        many(failures),
        many(dead)
      ])
    ),
    ...(state === "running" && quietSeconds > quiet
      ? [`no job ended for ${duration(quietSeconds)}: it is a long one, or no worker can work; their logs say why`]
      : []),
    ...reasons.map(({ reason, given, count, example }) => `${count} × ${words[given]}, ${reason}: ${example}`)
  ].join("\n")
}
