import { hash } from "node:crypto"
import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { writeAtomically } from "../store/atomic.ts"
import { printLayout } from "./fingerprint.ts"
import { shardName } from "./shard-stats.ts"

/** Where fingerprints are kept until the shards are written. */
export const fingerprintFolder = (folder: string): string => join(folder, ".fingerprints")

const pathOf = (folder: string, shard: number): string => join(fingerprintFolder(folder), `${shardName(shard)}.prints`)

/** Keeps the fingerprints of the samples that a shard covers, with a digest of them and of the job. */
export const writeFingerprints = (folder: string, shard: number, job: string, prints: Uint8Array) =>
  writeAtomically(pathOf(folder, shard), Buffer.concat([prints, sealOf(job, prints)]))

const sealOf = (job: string, prints: Uint8Array): Uint8Array =>
  hash("sha256", Buffer.concat([Buffer.from(job), prints]), "buffer")

/** The fingerprints of the `samples` samples that a shard covers, or `undefined` where they must be made. */
export const readFingerprints = Effect.fnUntraced(function* (folder: string, shard: number, job: string, samples: number) {
  const fs = yield* FileSystem.FileSystem
  const read = yield* Effect.result(fs.readFile(pathOf(folder, shard)))
  if (read._tag === "Failure" || read.success.length !== samples * printLayout.bytes + 32) return undefined
  const prints = read.success.subarray(0, samples * printLayout.bytes)
  return Buffer.compare(sealOf(job, prints), read.success.subarray(prints.length)) === 0 ? prints : undefined
})
