import { join } from "node:path"
import { madeFrom } from "../data/host/ready-stage.ts"
import { manifestName } from "../data/shards/manifest.ts"
import { arePairs } from "../pipeline/samples.ts"
import { writeAtomically } from "../store/atomic.ts"
import type { OpenPrepareJob } from "./prepare-job.ts"
import type { PrepareSettings } from "./prepare-settings.ts"
import type { ShardSet } from "./shard-set.ts"

/** Entry in a manifest for a split that has a folder of its own. */
export interface SplitEntry {
  readonly folder: string
  readonly fraction: number
  readonly samples: number
}

/** The folder of a manifest, and its content. */
export interface ManifestContent {
  readonly folder: string
  /** The split's name; `null` for the folder of the rest, or of all. */
  readonly split: string | null
  readonly set: ShardSet
  readonly splits: { readonly [name: string]: SplitEntry }
}

/** Writes `manifest.json`, which makes a folder a shard set. It has no row per sample, no time and no path. */
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
