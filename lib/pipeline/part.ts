import type { Fields } from "../tensor/field.ts"
import { WiringError } from "./errors.ts"
import type {
  Batchwise,
  Json,
  NoiseSpec,
  ParameterSpecs,
  Parameters,
  Progress,
  Selection,
  Sizes,
  StateSpec,
  TensorContext,
  TensorOutcome,
  TensorStage,
  Watch
} from "./stage.ts"

/** A part of a tensor stage: a pass, a strategy, a loss. A stage is the sum of its parts. */
export interface Part<Reads extends Fields = Fields, Adds extends Fields = Fields> {
  readonly reads: Reads
  readonly adds: Adds
  readonly noise?: { readonly [name: string]: NoiseSpec }
  readonly scalars?: { readonly [name: string]: (progress: Progress) => number }
  readonly watches?: readonly Watch[]
  /** Losses, by name, of a constant prediction: a part whose loss is no lower is untrained. */
  readonly guesses?: { readonly [loss: string]: number }
  /**
   * Set on a part whose result for a pair depends on other pairs: the part without the fields that hold rows of other pairs, and
   * those fields.
   */
  readonly batchwise?: { readonly whole: Part; readonly selects: { readonly [field: string]: Selection } }
  /** Reason why a batch cannot be split before this part, where it cannot. */
  readonly needsWholeBatch?: string
  parameters?(sizes: Sizes): ParameterSpecs
  teacherParameters?(sizes: Sizes): readonly string[]
  state?(sizes: Sizes): { readonly [name: string]: StateSpec }
  apply(context: TensorContext<Reads>): TensorOutcome<Adds>
}

/** Types a part by the specifications of its fields. */
export const part = <Reads extends Fields, Adds extends Fields>(made: Part<Reads, Adds>): Part<Reads, Adds> => made

/** Returns the same part with another model's parameters, whose names begin with a prefix. */
export const prefixed = <P extends Part>(prefix: string, part: P): P => {
  if (prefix === "") return part
  const named = (specs: ParameterSpecs): ParameterSpecs =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [`${prefix}${name}`, spec]))
  const within =
    (parameters: Parameters): Parameters =>
    (name) =>
      parameters(`${prefix}${name}`)
  return {
    ...part,
    ...(part.batchwise ? { batchwise: { ...part.batchwise, whole: prefixed(prefix, part.batchwise.whole) } } : {}),
    parameters: (sizes) => named(part.parameters?.(sizes) ?? {}),
    teacherParameters: (sizes) => (part.teacherParameters?.(sizes) ?? []).map((name) => `${prefix}${name}`),
    apply: (context) =>
      part.apply({ ...context, parameters: within(context.parameters), teacher: within(context.teacher) } as never)
  }
}

/** Returns the prefix of the parameters of a model that is not the only one of its kind. */
export const prefixOf = (model: string | undefined): string => (model === undefined ? "" : `${model}.`)

type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never
type Flat<T> = { readonly [N in keyof T]: T[N] } extends infer F extends Fields ? F : never

/** All fields that parts read. */
export type ReadsOf<P> = Flat<Intersection<P extends Part<infer Reads, Fields> ? Reads : never>>
/** All fields that parts add. */
export type AddsOf<P> = Flat<Intersection<P extends Part<Fields, infer Adds> ? Adds : never>>

const together = <A>(
  parts: readonly Part[],
  of: (part: Part) => { readonly [name: string]: A } | undefined
): { [name: string]: A } => Object.assign({}, ...parts.map(of))

/** Properties of a stage besides its parts. */
export interface StageHead<Name extends string> {
  readonly stage: Name
  readonly as: string
  readonly version: number
  readonly settings: Json
  readonly sizes: Sizes
}

/** Returns the batchwise and the per-sample portion of the parts; undefined where none is batchwise. */
const batchwiseOf = (head: StageHead<string>, parts: readonly Part[]): Batchwise | undefined => {
  const batchwise = parts.flatMap((part) => part.batchwise ?? [])
  if (batchwise.length === 0) return undefined
  const rest = parts.filter((part) => part.batchwise === undefined)
  return {
    whole: stageOf(
      head,
      batchwise.map((each) => each.whole)
    ),
    rest: rest.length === 0 ? undefined : stageOf(head, rest),
    selects: Object.assign({}, ...batchwise.map((each) => each.selects))
  }
}

/** Makes the tensor stage that is the sum of parts. Throws a `WiringError` where two of them add the same field. */
export const stageOf = <Name extends string, P extends Part>(
  head: StageHead<Name>,
  parts: readonly P[]
): TensorStage<Name, ReadsOf<P>, AddsOf<P>> => {
  const names = parts.flatMap((part) => Object.keys(part.adds))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new WiringError({ pipeline: head.as, problem: `${head.stage} adds '${twice}' twice` })
  const watches = parts.flatMap((part) => part.watches ?? [])
  const guesses = together(parts, (part) => part.guesses)
  const batchwise = batchwiseOf(head, parts)
  const needsWholeBatch = parts.find((part) => part.needsWholeBatch !== undefined)?.needsWholeBatch
  const made: TensorStage<Name> = {
    ...(watches.length > 0 ? { watches } : {}),
    ...(Object.keys(guesses).length > 0 ? { guesses } : {}),
    ...(batchwise ? { batchwise } : {}),
    ...(needsWholeBatch === undefined ? {} : { needsWholeBatch }),
    ...head,
    kind: "tensor",
    weights: "student",
    reads: together(parts, (part) => part.reads),
    adds: together(parts, (part) => part.adds),
    noise: together(parts, (part) => part.noise),
    scalars: together(parts, (part) => part.scalars),
    parameters: (sizes) => together(parts, (part) => part.parameters?.(sizes)),
    teacherParameters: (sizes) => [...new Set(parts.flatMap((part) => part.teacherParameters?.(sizes) ?? []))],
    state: (sizes) => together(parts, (part) => part.state?.(sizes)),
    apply: (context) => {
      const outcomes = parts.map((part) => part.apply(context))
      return {
        fields: Object.assign({}, ...outcomes.map((outcome) => outcome.fields)),
        losses: Object.assign({}, ...outcomes.map((outcome) => outcome.losses)),
        metrics: Object.assign({}, ...outcomes.map((outcome) => outcome.metrics)),
        state: Object.assign({}, ...outcomes.map((outcome) => outcome.state))
      }
    }
  }
  return made as never // the sums of the parts' fields are those of ReadsOf and AddsOf: checked by test/lib/pipeline/part.test.ts
}
