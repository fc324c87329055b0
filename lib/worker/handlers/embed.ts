import { Effect } from "effect"
import type { EmbedJob } from "../../job/job.ts"
import { JobRefused } from "../../job/job-error.ts"
import { asciiJson } from "../../job/message.ts"
import { encode } from "../../store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../store/safetensors/stored-tensor.ts"
import { embedSource } from "../../task/embed.ts"
import { embeddingsParquet } from "../../task/embeddings-parquet.ts"
import { type Rows, rowCount } from "../../task/nearest.ts"
import { samplesAt } from "../../task/subset.ts"
import type { JobHandler } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"
import type { Latest } from "./latest.ts"
import { openCheckpointModel } from "./model.ts"
import { checkSource } from "./sources.ts"

const tensor = (rows: Rows): StoredTensor => ({ dtype: "F32", shape: [rowCount(rows), rows.width], data: rows.data })

/**
 * Embeds samples of the held-out data: `embeddings.parquet`, and the same as `embeddings.safetensors` with the origin of each row
 * in `rows.json`: ids and groups without texts.
 */
export const embedHandler = <A>(config: HandlerConfig, machine: Latest<A>): JobHandler<EmbedJob> => ({
  limitSeconds: 6 * 3600,
  run: Effect.fn("job.embed")(function* (job, context) {
    const embedded = Effect.gen(function* () {
      const { tables, keepCompiled, ...model } = yield* openCheckpointModel(job.checkpoint, context, config)
      const name = context.pipeline.source.heldOut ?? context.pipeline.source.train
      yield* checkSource(name, config)
      const source = yield* tables.openSource(name)
      const { samples } = job
      const indices = "indices" in samples ? samples.indices : Array.from({ length: samples.count }, (_, i) => samples.first + i)
      const beyond = indices.find((index) => index >= source.count)
      if (beyond !== undefined)
        return yield* new JobRefused({ reason: "no-such-sample", detail: `sample ${beyond} of ${source.count} of ${name}` })
      const made = yield* embedSource({ ...model, source: samplesAt(source, indices), who: "student", batch: 64 })
      yield* keepCompiled
      return made
    })
    const { items, images, texts } = yield* machine.without(Effect.scoped(embedded))
    const whose = (all: readonly { readonly id: string; readonly group: number }[]) => all.map(({ id, group }) => ({ id, group }))
    const rows = { image: whose(items.images), text: whose(items.texts), skipped: items.skipped }
    const tensors = new Map([
      ["image", tensor(images)],
      ["text", tensor(texts)]
    ])
    const sides = { image: { rows: rows.image, embeddings: images }, text: { rows: rows.text, embeddings: texts } }
    return {
      files: {
        "embeddings.safetensors": encode(tensors),
        "embeddings.parquet": embeddingsParquet(sides),
        "rows.json": new TextEncoder().encode(`${asciiJson(rows)}\n`)
      },
      result: { images: items.images.length, texts: items.texts.length, skipped: items.skipped.length }
    }
  })
})
