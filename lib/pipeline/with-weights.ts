import type { Dtype, Fields, TensorField } from "../tensor/field.ts"
import { SettingsError } from "./settings.ts"
import type { TensorStage } from "./stage.ts"
import { prefixOf, setNameFault, type WeightSet } from "./weight-set.ts"

/** Fields with a weight set's prefix before a model's states. */
type Prefixed<F extends Fields, P extends string> = {
  readonly [N in keyof F & string as F[N] extends TensorField<Dtype, readonly string[], "model"> ? `${P}.${N}` : N]: F[N]
}

/**
 * Returns the stage with another weight set and without gradient: it reads and adds a model's states with the set's prefix.
 * `call` is its name in messages, `momentum(encode)`.
 */
const withWeights = (stage: TensorStage, weights: WeightSet, call: string): TensorStage => {
  const prefix = prefixOf(weights)
  const renamed = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => ["origin" in field && field.origin === "model" ? prefix + name : name, field])
    )
  const [reads, adds] = [renamed(stage.reads), renamed(stage.adds)]
  const { completed } = stage
  return {
    ...stage,
    ...(completed ? { completed: (vocabularies) => withWeights(completed(vocabularies), weights, call) } : {}),
    stage: `${call}(${stage.stage})`,
    as: prefix + stage.as,
    weights,
    reads,
    adds,
    teacherParameters: (sizes) => (weights === "teacher" ? Object.keys(stage.parameters(sizes)) : []),
    apply: (context) => {
      const fields = Object.fromEntries(
        Object.keys(stage.reads).map((name) => [name, context.fields[Object.hasOwn(reads, name) ? name : prefix + name]])
      )
      const outcome = stage.apply({ ...context, fields: fields as never }) // the fields that the stage reads, renamed above
      const added = Object.entries(outcome.fields).map(([name, x]) => [Object.hasOwn(adds, name) ? name : prefix + name, x])
      return { ...outcome, fields: Object.fromEntries(added) }
    }
  }
}

/**
 * Returns the stage with the momentum teacher's parameters (an EMA of the student's, method.md §6) and without gradient: it reads
 * and adds a model's states with the prefix `teacher.`.
 */
export const momentum = <Name extends string, Reads extends Fields, Adds extends Fields>(
  stage: TensorStage<Name, Reads, Adds>
): TensorStage<`momentum(${Name})`, Prefixed<Reads, "teacher">, Prefixed<Adds, "teacher">> =>
  withWeights(stage as never, "teacher", "momentum") as never // the fields are those of Prefixed: checked by test/lib/pipeline

/** Source of a frozen set. */
export interface FrozenPlace<P extends string = string> {
  readonly name: P
  /** Folder of a run or of an exported model, or a .safetensors file. */
  readonly from: string
  /** Required SHA-256 of the file; by default determined when a run starts. */
  readonly digest?: string | null
}

/**
 * Returns the stage with constant parameters, those of a run or an exported model, and without gradient: it reads and adds a
 * model's states with the prefix `NAME.`. Throws a `SettingsError` for a name that a set cannot have.
 */
export const frozen = <Name extends string, Reads extends Fields, Adds extends Fields, const P extends string>(
  stage: TensorStage<Name, Reads, Adds>,
  { name, from, digest = null }: FrozenPlace<P>
): TensorStage<`frozen(${Name})`, Prefixed<Reads, P>, Prefixed<Adds, P>> => {
  const fault = setNameFault(name)
  if (fault !== undefined) throw new SettingsError({ stage: stage.as, problem: fault })
  return withWeights(stage as never, { frozen: name, from, digest }, "frozen") as never // likewise
}

/** Returns a stage whose weight set has another source or digest. */
export const reweighed = (stage: TensorStage, weights: WeightSet): TensorStage => {
  const { completed } = stage
  return {
    ...stage,
    weights,
    ...(completed ? { completed: (vocabularies) => reweighed(completed(vocabularies), weights) } : {})
  }
}

/** Returns a stage's kind without its weight set: `encode` for `momentum(encode)`. */
export const kindOf = ({ stage }: { readonly stage: string }): string => stage.replace(/^(?:momentum|frozen)\((.*)\)$/, "$1")
