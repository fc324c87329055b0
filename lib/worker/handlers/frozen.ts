import { Effect } from "effect"
import { JobRefused } from "../../job/job-error.ts"
import { readContent } from "../../job/records.ts"
import type { FrozenWeights } from "../../model/frozen-contents.ts"
import { frozenSetsOf } from "../../pipeline/frozen-sets.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { attempt } from "../../store/safetensors/safetensors-error.ts"
import { decodeFrozen } from "../../weights/frozen-file.ts"

/** Reads the parameters of a submission's frozen sets from the store by their digests: workers do not read the original files. */
export const readFrozenContents = Effect.fn("worker.readFrozenContents")(function* (submission: string, pipeline: Pipeline) {
  const read = new Map<string, ReturnType<typeof decodeFrozen>>()
  for (const [name, { digest }] of frozenSetsOf(pipeline)) {
    if (digest === null)
      return yield* new JobRefused({ reason: "no-digest", detail: `${submission} does not say what its frozen set '${name}' is` })
    const bytes = yield* readContent(submission, digest)
    read.set(name, yield* attempt(() => decodeFrozen(bytes, name)))
  }
  return read as FrozenWeights
})
