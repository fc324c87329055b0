import type { Dtype, Fields, TensorField } from "../tensor/field.ts"
import { SettingsError } from "./settings.ts"
import type { TensorStage } from "./stage.ts"
import { prefixOf, setNameFault, type WeightSet } from "./weight-set.ts"

/** Fields with a set's prefix before a model's states. */
type Prefixed<F extends Fields, P extends string> = {
  readonly [N in keyof F & string as F[N] extends TensorField<Dtype, readonly string[], "model"> ? `${P}.${N}` : N]: F[N]
}

/**
 * The same stage run with another set of parameters and without gradient: it reads and adds a model's states under the set's prefix.
 * `stage` is how messages call it, `momentum(encode)`.
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
      const outcome = stage.apply({ ...context, fields: fields as never }) // those of the stage's reads, as just renamed
      const added = Object.entries(outcome.fields).map(([name, x]) => [Object.hasOwn(adds, name) ? name : prefix + name, x])
      return { ...outcome, fields: Object.fromEntries(added) }
    }
  }
}

/**
 * The same stage run with the momentum teacher's parameters (an EMA of the student's, method.md §6) and without gradient:
 * it reads and adds a model's states under the prefix `teacher.`.
 */
export const momentum = <Name extends string, Reads extends Fields, Adds extends Fields>(
  stage: TensorStage<Name, Reads, Adds>
): TensorStage<`momentum(${Name})`, Prefixed<Reads, "teacher">, Prefixed<Adds, "teacher">> =>
  withWeights(stage as never, "teacher", "momentum") as never // the fields are those of Prefixed: checked by test/lib/pipeline

/** Where a frozen set comes from. */
export interface FrozenPlace<P extends string = string> {
  readonly name: P
  /** A run's folder, an exported model's, or a .safetensors file. */
  readonly from: string
  /** The SHA-256 that the file must have; looked up when a run starts unless given. */
  readonly digest?: string | null
}

/**
 * The same stage run with parameters that stay as they are, those of a run or an exported model, and without gradient: it reads and
 * adds a model's states under the prefix `NAME.`. Throws a `SettingsError` for a name that a set cannot have.
 */
export const frozen = <Name extends string, Reads extends Fields, Adds extends Fields, const P extends string>(
  stage: TensorStage<Name, Reads, Adds>,
  { name, from, digest = null }: FrozenPlace<P>
): TensorStage<`frozen(${Name})`, Prefixed<Reads, P>, Prefixed<Adds, P>> => {
  const fault = setNameFault(name)
  if (fault !== undefined) throw new SettingsError({ stage: stage.as, problem: fault })
  return withWeights(stage as never, { frozen: name, from, digest }, "frozen") as never // likewise
}

/** A stage with its weight set found elsewhere, or with the digest of what was found. */
export const reweighed = (stage: TensorStage, weights: WeightSet): TensorStage => {
  const { completed } = stage
  return {
    ...stage,
    weights,
    ...(completed ? { completed: (vocabularies) => reweighed(completed(vocabularies), weights) } : {})
  }
}

/** A stage's kind, without how it is run: `encode` of `momentum(encode)`. */
export const kindOf = ({ stage }: { readonly stage: string }): string => stage.replace(/^(?:momentum|frozen)\((.*)\)$/, "$1")
