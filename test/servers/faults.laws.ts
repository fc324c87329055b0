import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll } from "@effect/vitest"
import { Layer } from "effect"
import { inject } from "vitest"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { s3BlobStore } from "../../lib/store/blob/s3.ts"
import { amongFaults } from "../faults/among-faults.ts"
import { freshBucket } from "./bucket.ts"

const [elasticmq, moto] = [inject("elasticmq"), inject("moto")]
const root = mkdtempSync(join(tmpdir(), "semmim-faults-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const folder = Layer.provide(fileBlobStore(root), NodeServices.layer)
const { bucket, made } = freshBucket(moto)
const inS3 = Layer.provide(s3BlobStore({ endpoint: moto, bucket, prefix: "faults", local: true }), made)

amongFaults("ElasticMQ and a folder", Layer.merge(sqsQueue({ endpoint: elasticmq, local: true }), folder))
amongFaults("moto and its S3", Layer.merge(sqsQueue({ endpoint: moto, local: true }), inS3))
