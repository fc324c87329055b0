import { hash } from "node:crypto"
import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { writeAtomically } from "../store/atomic.ts"
import { fingerprintLayout } from "./fingerprint.ts"
import { shardName } from "./shard-stats.ts"

/** Returns the folder of fingerprints, which are kept until the shards are written. */
export const fingerprintFolder = (folder: string): string => join(folder, ".fingerprints")

const pathOf = (folder: string, shard: number): string => join(fingerprintFolder(folder), `${shardName(shard)}.fingerprints`)

/** Writes the fingerprints of the samples that a shard covers, with a digest of them and of the job. */
export const writeFingerprints = (folder: string, shard: number, job: string, fingerprints: Uint8Array) =>
  writeAtomically(pathOf(folder, shard), Buffer.concat([fingerprints, sealOf(job, fingerprints)]))

const sealOf = (job: string, fingerprints: Uint8Array): Uint8Array =>
  hash("sha256", Buffer.concat([Buffer.from(job), fingerprints]), "buffer")

/** Reads the fingerprints of the `samples` samples that a shard covers; `undefined` where they must be computed. */
export const readFingerprints = Effect.fnUntraced(function* (folder: string, shard: number, job: string, samples: number) {
  const fs = yield* FileSystem.FileSystem
  const read = yield* Effect.result(fs.readFile(pathOf(folder, shard)))
  if (read._tag === "Failure" || read.success.length !== samples * fingerprintLayout.bytes + 32) return undefined
  const fingerprints = read.success.subarray(0, samples * fingerprintLayout.bytes)
  return Buffer.compare(sealOf(job, fingerprints), read.success.subarray(fingerprints.length)) === 0 ? fingerprints : undefined
})
