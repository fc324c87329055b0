/**
 * Where a submission keeps things in the store. All keys of a submission start with its name, and no part of a key comes from a
 * message but names and digests that its schema has checked.
 */
export const keys = {
  /** The submission itself. */
  submission: (submission: string): string => `${submission}/submission.json`,
  /** Jobs too large for a message. */
  payload: (submission: string, sha256: string): string => `${submission}/payloads/${sha256}`,
  /** Contents by their digest. */
  content: (submission: string, sha256: string): string => `${submission}/content/${sha256}`,
  /** Steps that engines compiled, for a kind of machine. */
  compiled: (submission: string, kind: string): string => `${submission}/compiled/${kind}/`,
  /** Everything that happened to jobs: what `status` lists. */
  states: (submission: string): string => `${submission}/state/`,
  /** Everything that happened to one job. */
  stateOf: (submission: string, job: string): string => `${submission}/state/${job}.`,
  /** The one record of a job's committed output. */
  done: (submission: string, job: string): string => `${submission}/state/${job}.done`,
  /** A failure of a job's own; the reason is in the key, so that a listing tells it. */
  failed: (submission: string, job: string, count: number, reason: string): string =>
    `${submission}/state/${job}.failed.${count}-${reason}`,
  /** A job that was given up, with its message and its last error. */
  dead: (submission: string, job: string, reason: string): string => `${submission}/state/${job}.dead.${reason}`,
  /** A round as it was opened, and the set of deltas that closed it. */
  round: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.json`,
  /** Marks that the messages after a merged round were sent. */
  followed: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.followed.json`,
  /** Who asked for a round to be closed since all is there. */
  complete: (submission: string, round: number, attempt: number): string =>
    `${submission}/rounds/${padded(round)}.complete-${attempt}.json`,
  reissued: (submission: string, round: number, attempt: number): string =>
    `${submission}/rounds/${padded(round)}.again-${attempt}.json`,
  closed: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.closed.json`,
  /** Marks of the submission as a whole. */
  cancelled: (submission: string): string => `${submission}/cancelled.json`,
  failedWhole: (submission: string): string => `${submission}/failed.json`,
  finished: (submission: string): string => `${submission}/finished.json`,
  /** Messages that no submission could be found for. */
  rejected: "rejected/",
  /** Incidents that no retry mends and no job caused: a queue that is gone, access that is denied. */
  incidents: "incidents/",
  incident: (id: string): string => `incidents/${id}`
} as const

const padded = (round: number): string => String(round).padStart(7, "0")
