/**
 * Keys of a submission in the store. All begin with the submission's name, and the only parts taken from a message are names and
 * digests that its schema has checked.
 */
export const keys = {
  /** Record of the submission. */
  submission: (submission: string): string => `${submission}/submission.json`,
  /** Jobs too large for a message. */
  payload: (submission: string, sha256: string): string => `${submission}/payloads/${sha256}`,
  /** Contents by their digest. */
  content: (submission: string, sha256: string): string => `${submission}/content/${sha256}`,
  /** Code that engines compiled, for a kind of machine. */
  compiled: (submission: string, kind: string): string => `${submission}/compiled/${kind}/`,
  /** All events of jobs, which `status` lists. */
  states: (submission: string): string => `${submission}/state/`,
  /** All events of one job. */
  stateOf: (submission: string, job: string): string => `${submission}/state/${job}.`,
  /** Single record of a job's committed output. */
  done: (submission: string, job: string): string => `${submission}/state/${job}.done`,
  /** A job's own failure; the reason is in the key, so that a listing shows it. */
  failed: (submission: string, job: string, count: number, reason: string): string =>
    `${submission}/state/${job}.failed.${count}-${reason}`,
  /** A job that was given up, with its message and its last error. */
  dead: (submission: string, job: string, reason: string): string => `${submission}/state/${job}.dead.${reason}`,
  /** Record of an opened round, and the set of deltas that closed it. */
  round: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.json`,
  /** Marks that the messages after a merged round were sent. */
  followed: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.followed.json`,
  /** Worker that requested the closing of a round whose deltas are complete. */
  complete: (submission: string, round: number, attempt: number): string =>
    `${submission}/rounds/${padded(round)}.complete-${attempt}.json`,
  reissued: (submission: string, round: number, attempt: number): string =>
    `${submission}/rounds/${padded(round)}.again-${attempt}.json`,
  closed: (submission: string, round: number): string => `${submission}/rounds/${padded(round)}.closed.json`,
  /** Marks of the submission as a whole. */
  cancelled: (submission: string): string => `${submission}/cancelled.json`,
  failedWhole: (submission: string): string => `${submission}/failed.json`,
  finished: (submission: string): string => `${submission}/finished.json`,
  /** Messages without a known submission. */
  rejected: "rejected/",
  /** Incidents that no retry resolves and no job caused: a missing queue, denied access. */
  incidents: "incidents/",
  incident: (id: string): string => `incidents/${id}`
} as const

const padded = (round: number): string => String(round).padStart(7, "0")
