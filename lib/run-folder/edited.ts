import { digest } from "../store/digest.ts"

/** Returns the first digits of a SHA-256, for messages. */
const short = (sha256: string): string => `${sha256.slice(0, 12)}…`

const instead = "put it back, or train another pipeline from these weights (run --image-weights, --text-weights)"

/**
 * Describes a pipeline as data whose digest differs from the one recorded beside it, so that its weights were not trained with
 * it. Undefined where they agree, and where none was recorded, as in older versions.
 */
export const editedPipeline = (data: unknown, recorded: string | undefined): string | undefined => {
  const found = digest(data)
  if (recorded === undefined || found === recorded) return undefined
  return `its 'pipeline' has the SHA-256 ${short(found)}, but its 'pipeline_sha256' says ${short(recorded)}: a setting was edited after the weights were trained; ${instead}`
}

/** Describes a file of a model's folder whose content differs from the digest in config.json. */
export const editedFile = (found: string, recorded: string): string | undefined =>
  found === recorded
    ? undefined
    : `its SHA-256 is ${short(found)}, but config.json says ${short(recorded)}: it was changed after the export; ${instead}`
