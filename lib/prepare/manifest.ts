import { join } from "node:path"
import { madeFrom } from "../data/host/ready-stage.ts"
import { manifestName } from "../data/shards/manifest.ts"
import { arePairs } from "../pipeline/samples.ts"
import { writeAtomically } from "../store/atomic.ts"
import type { OpenPrepareJob } from "./prepare-job.ts"
import type { PrepareSettings } from "./prepare-settings.ts"
import type { ShardSet } from "./shard-set.ts"

/** What a manifest says of a split that lies in a folder of its own. */
export interface SplitEntry {
  readonly folder: string
  readonly fraction: number
  readonly samples: number
}

/** Which folder a manifest is of, and what is known of it. */
export interface ManifestContent {
  readonly folder: string
  /** The split's name; `null` for the folder of the rest, or of all. */
  readonly split: string | null
  readonly set: ShardSet
  readonly splits: { readonly [name: string]: SplitEntry }
}

/** Writes `manifest.json`: with it a folder is a shard set, and without it not yet. No row per sample, no time, no place. */
export const writeManifest = (
  { pipeline, source, fields, kept, versions, digest }: OpenPrepareJob,
  settings: PrepareSettings,
  { folder, split, set, splits }: ManifestContent
) => {
  const content = {
    format: "semmim-shards",
    version: 1,
    pipeline: pipeline.name,
    split,
    ...(arePairs(fields) ? {} : { fields }),
    job: digest,
    settings,
    stages: kept.map(({ stage, asset, identity }) => ({ as: stage.as, identity, ...madeFrom(stage, asset) })),
    source: {
      name: source.name,
      digest: source.digest,
      samples: source.count,
      credits: source.credits,
      ...(source.issues.length > 0 ? { issues: source.issues } : {})
    },
    ...versions,
    ...set,
    splits
  }
  return writeAtomically(join(folder, manifestName), `${JSON.stringify(content, null, 1)}\n`)
}
