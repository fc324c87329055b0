import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger } from "effect"
import { parquetReadObjects } from "hyparquet"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { jobKey } from "../../../lib/job/job-key.ts"
import { keys } from "../../../lib/job/keys.ts"
import { messageFor } from "../../../lib/job/payload.ts"
import { OutputRecord, readContent, readRecord } from "../../../lib/job/records.ts"
import { statusOf } from "../../../lib/job/status.ts"
import { submit } from "../../../lib/job/submit.ts"
import { decode } from "../../../lib/store/safetensors/safetensors.ts"
import { jobHandlers } from "../../../lib/worker/handlers/handlers.ts"
import { processMessage } from "../../../lib/worker/process-message.ts"
import { knownSubmissions } from "../../../lib/worker/submissions.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { toyProcessing, toyQueues, toyServices, toySubmission } from "../../toy/jobs.ts"

const pipeline = { ...tiny, training: { ...tiny.training, batch: 8 } }

interface Row {
  readonly kind: string
  readonly id: string
  readonly group: number
  readonly embedding: readonly number[]
}

describe("an embed job", () => {
  it.live(
    "writes the embeddings of its samples as Parquet and as safetensors, row by row the same, without any text",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { urls } = yield* toyQueues()
        const submission = yield* submit(toySubmission({ pipeline }), urls)
        const handlers = yield* jobHandlers({
          tables: dataTables,
          engine: Effect.succeed(onnx),
          threads: 1,
          cache: yield* fs.makeTempDirectoryScoped(),
          urls,
          allowedData: new Set()
        })
        const processing = { ...toyProcessing(handlers), submissions: knownSubmissions(dataTables) }
        const origin = { submission: "toy", pipeline: submission.digest, semmim: submission.semmim }
        const embed = Effect.fnUntraced(function* (indices: readonly number[]) {
          const job = { kind: "embed", checkpoint: submission.checkpoint, samples: { indices } } as const
          const body = yield* messageFor(origin, job)
          const delivery = yield* processMessage({ body, sentMillis: 0, receiveCount: 1 }, processing)
          const output = yield* readRecord(keys.done("toy", jobKey(submission.digest, job)), OutputRecord)
          return { delivery: delivery._tag, output }
        })
        const { delivery, output } = yield* embed([9, 2, 4])
        assert.strictEqual(delivery, "Delete")
        const read = (name: string) => readContent("toy", output!.files[name]!.sha256)
        const file = new Uint8Array(yield* read("embeddings.parquet")).buffer
        const rows = (yield* Effect.promise(() => parquetReadObjects({ file }))) as unknown as readonly Row[] // by its schema
        const tensors = decode(yield* read("embeddings.safetensors"))
        const whose = JSON.parse(new TextDecoder().decode(yield* read("rows.json")))
        assert.deepStrictEqual(Object.keys(rows[0]!), ["kind", "id", "group", "embedding"])
        for (const kind of ["image", "text"] as const) {
          const own = rows.filter((row) => row.kind === kind)
          const stored = tensors.tensors.get(kind)!
          assert.deepStrictEqual([own.length, own[0]!.embedding.length], stored.shape)
          assert.deepStrictEqual(
            own.flatMap(({ embedding }) => embedding),
            [...(stored.data as Float32Array)]
          )
          assert.deepStrictEqual(
            own.map(({ id, group }) => ({ id, group })),
            whose[kind]
          )
        }
        assert.strictEqual(rows.filter(({ kind }) => kind === "image").length, 3)
        assert.strictEqual((yield* embed([9, 999_999])).delivery, "Dead")
        assert.deepStrictEqual(
          (yield* statusOf("toy")).reasons.map(({ given, reason }) => [given, reason]),
          [["dead", "no-such-sample"]]
        )
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.merge(toyServices(new Map()), Layer.merge(NodeServices.layer, Logger.layer([]))))
      ),
    120_000
  )
})
