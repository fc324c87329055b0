import { WeightsError } from "../error/weights-error.ts"
import { faultSentence, type NameFaults, nameFaults, type Shapes } from "../store/safetensors/name-faults.ts"
import { fitPositions } from "./fit-positions.ts"
import type { Weights } from "./hugging-face.ts"

/** What of a model's names may be otherwise than those of the model that starts from it. */
export const allowances = ["missing", "unexpected", "misshapen"] as const
export type Allowance = (typeof allowances)[number]

/** A model's parameters as they fit another. */
export interface FittedModel {
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Position embeddings that were made to fit. */
  readonly resized: readonly string[]
  /** What did not fit and was allowed not to; undefined where all did. */
  readonly faults: string | undefined
}

const none: NameFaults = { missing: [], unexpected: [], misshapen: [] }

/**
 * Fits a model's parameters to those of another by their names; position embeddings of another grid are resized. Throws a
 * `WeightsError` that lists names that are missing, unexpected or misshapen, unless they are allowed: then what is missing or
 * misshapen is left out, to start at random, and what is unexpected is not used.
 */
export const fitModel = (file: string, tensors: Weights, model: Shapes, allow: ReadonlySet<Allowance>): FittedModel => {
  const fits = new Map(
    [...tensors].map(([name, weight]) => {
      const shape = Object.hasOwn(model, name) ? model[name] : undefined
      return [name, shape ? (fitPositions(name, weight, shape) ?? weight) : weight]
    })
  )
  const faults = nameFaults(model, Object.fromEntries([...fits].map(([name, { shape }]) => [name, shape])))
  const refused = Object.fromEntries(allowances.map((kind) => [kind, allow.has(kind) ? [] : faults[kind]]))
  const problem = faultSentence({ ...none, ...refused })
  if (problem !== undefined) {
    const kinds = allowances.filter((kind) => (refused[kind] ?? []).length > 0)
    throw new WeightsError({ file, reason: `${problem}; --allow ${kinds.join(",")} starts all the same` })
  }
  const good = [...fits].filter(([name, { shape }]) => Object.hasOwn(model, name) && `${model[name]}` === `${shape}`)
  return {
    parameters: new Map(good.map(([name, { data }]) => [name, data])),
    resized: good.flatMap(([name, { shape }]) => (`${shape}` === `${tensors.get(name)!.shape}` ? [] : [name])),
    faults: faultSentence(faults)
  }
}
