import { WiringError } from "./errors.ts"
import type { Pipeline } from "./pipeline.ts"
import { SettingsError } from "./settings.ts"
import { mapParts, partField } from "./source-part.ts"
import type { FieldVocabularies } from "./vocabulary.ts"

/**
 * Returns a pipeline whose tensor stages have the known facts about the vocabularies of their fields in their settings. Throws a
 * `WiringError` where their settings contradict them.
 */
export const completed = (pipeline: Pipeline, known: FieldVocabularies): Pipeline => {
  try {
    const stages = pipeline.stages.map((stage) => (stage.kind === "tensor" && stage.completed ? stage.completed(known) : stage))
    return { ...pipeline, stages }
  } catch (error) {
    throw error instanceof SettingsError ? new WiringError({ pipeline: pipeline.name, problem: error.problem }) : error
  }
}

/** Returns the same with the facts that its host stages know before anything is opened. */
export const completedUnopened = (pipeline: Pipeline): Pipeline =>
  completed(pipeline, {
    ...Object.assign({}, ...pipeline.stages.map((each) => (each.kind === "host" ? each.vocabularies : {}))),
    ...partVocabularies(
      mapParts(pipeline.parts ?? {}, ({ stages }) => Object.assign({}, ...stages.map(({ vocabularies }) => vocabularies)))
    )
  })

/** The vocabularies of parts by the names that their fields have in the main chain. */
export const partVocabularies = <V>(parts: {
  readonly [part: string]: { readonly [field: string]: V }
}): {
  readonly [field: string]: V
} =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, known]) =>
      Object.entries(known).map(([field, vocabulary]) => [partField(part, field), vocabulary] as const)
    )
  )

/** Returns a message that names the first stage whose special ids are not known; undefined where there is none. */
export const incompleteStage = ({ stages }: Pipeline): string | undefined => {
  for (const stage of stages) {
    const [field] = (stage.kind === "tensor" ? stage.needsVocabulary : undefined) ?? []
    if (field !== undefined)
      return `${stage.as} needs the special ids of '${field}', which the stage that adds it does not say: give them in its settings`
  }
  return undefined
}
