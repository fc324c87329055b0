import { type OpenedVocabulary, vocabularyDifference } from "../pipeline/vocabulary.ts"

/** The vocabulary that a text encoder's weights were trained with, as far as it is known. */
export interface WeightsVocabulary {
  /** The vocabulary stored beside the weights; undefined where there is none. */
  readonly brought: OpenedVocabulary | undefined
  /** Number of word embeddings in the weights; undefined where they have none. */
  readonly rows: number | undefined
}

/**
 * Describes why a pipeline's vocabulary does not fit a text encoder's weights: both sizes, the first pieces that differ;
 * undefined where it fits.
 */
export const vocabularyFault = (ours: OpenedVocabulary, { brought, rows }: WeightsVocabulary): string | undefined => {
  if (rows !== undefined && ours.size > rows)
    return `it has ${rows} word embeddings, but the vocabulary ${ours.file ?? "learnt from the captions"} has ${ours.size} ids`
  if (brought) {
    const difference = vocabularyDifference(ours, brought)
    if (difference === undefined) return undefined
    const whose = ours.file === null ? "the pipeline's, which is learnt from the captions" : `the pipeline's (${ours.file})`
    return `its vocabulary (${brought.file}) is not ${whose}: ${difference}`
  }
  if (ours.file !== null) return undefined
  return (
    `nothing beside it says which words its ${rows ?? ""} embeddings are of, and the pipeline's vocabulary of ${ours.size} ids is learnt ` +
    "from the captions: give the folder that has its tokenizer.json or vocab.txt too"
  )
}
