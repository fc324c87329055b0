import { digest } from "../store/digest.ts"

/** The first digits of a SHA-256, for people. */
const short = (sha256: string): string => `${sha256.slice(0, 12)}…`

const instead = "put it back, or train another pipeline from these weights (run --image-weights, --text-weights)"

/**
 * Describes a pipeline as data that is not the one whose digest was recorded beside it: its weights were not trained with it.
 * Undefined where it is that one, and where none was recorded, as before it was.
 */
export const editedPipeline = (data: unknown, recorded: string | undefined): string | undefined => {
  const found = digest(data)
  if (recorded === undefined || found === recorded) return undefined
  return `its 'pipeline' has the SHA-256 ${short(found)}, but its 'pipeline_sha256' says ${short(recorded)}: a setting was edited after the weights were trained; ${instead}`
}

/** Describes a file of a model's folder whose content is not what config.json has recorded. */
export const editedFile = (found: string, recorded: string): string | undefined =>
  found === recorded
    ? undefined
    : `its SHA-256 is ${short(found)}, but config.json says ${short(recorded)}: it was changed after the export; ${instead}`
