import { WeightsError } from "../error/weights-error.ts"
import { faultSentence, type NameFaults, nameFaults, type Shapes } from "../store/safetensors/name-faults.ts"
import { fitPositions } from "./fit-positions.ts"
import type { Weights } from "./hugging-face.ts"

/** Kinds of mismatch between the names of two models that can be allowed. */
export const allowances = ["missing", "unexpected", "misshapen"] as const
export type Allowance = (typeof allowances)[number]

/** A model's parameters fitted to another model. */
export interface FittedModel {
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Position embeddings that were resized. */
  readonly resized: readonly string[]
  /** Mismatches that were allowed; undefined where there are none. */
  readonly faults: string | undefined
}

const none: NameFaults = { missing: [], unexpected: [], misshapen: [] }

/**
 * Fits a model's parameters to those of another by their names; position embeddings of another grid are resized. Throws a
 * `WeightsError` that lists names that are missing, unexpected or misshapen, unless they are allowed: then missing and misshapen
 * parameters are omitted, and keep their random initialisation, and unexpected ones are not used.
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
