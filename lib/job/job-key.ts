import { digest } from "../store/digest.ts"
import type { Job, JobKind } from "./job.ts"

/** Versions of the jobs' computations: incremented where the same inputs give another output. */
const versions = { prepare: 1, embed: 2, evaluate: 2, train: 1, merge: 1 } as const satisfies { readonly [K in JobKind]: number }

/**
 * Returns a job's output key: its kind, and the SHA-256 of everything that determines its output (the pipeline's digest, the job,
 * the version of that kind's computation). The same job sent twice has one key, so its output is committed once.
 */
export const jobKey = (pipeline: string, job: Job): string => `${job.kind}-${digest({ pipeline, job, does: versions[job.kind] })}`
