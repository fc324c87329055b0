import { Effect } from "effect"
import { sampleKinds } from "../../pipeline/sample-kinds.ts"
import type { Fields } from "../../tensor/field.ts"
import { type OpenSource, openFor } from "./host-context.ts"

const { pairs, ...others } = sampleKinds

/** Kinds of samples, most specific first: data with questions or labels have images too. */
const tried: readonly Fields[] = [{}, others.questions, others.labelled, others.texts, others.images]

/**
 * Opens a source whose fields are not specified: as pairs, else with the fields that it declares itself (shards), else as the
 * first kind of samples that it contains. If it is of no kind, the error is that of pairs.
 */
export const openAnyKind = Effect.fn("data.openAnyKind")(function* (openSource: OpenSource, name: string) {
  const asPairs = yield* Effect.result(openFor<Fields>(openSource, name, pairs))
  if (asPairs._tag === "Success") return asPairs.success
  for (const fields of tried) {
    const found = yield* Effect.result(openFor(openSource, name, fields))
    if (found._tag === "Success") return found.success
  }
  return yield* asPairs.failure
})
