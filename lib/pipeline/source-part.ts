import type { Fields, TensorField } from "../tensor/field.ts"
import type { SourceData } from "./samples.ts"
import type { HostStage, Stage } from "./stage.ts"
import { TrainSettings } from "./training-settings.ts"
import type { Fits } from "./wiring.ts"

/** A part of every batch that is read from a source of its own, so many samples of it, by host stages of its own. */
export interface SourcePart {
  readonly source: SourceData<Fields>
  readonly batch: number
  readonly stages: readonly HostStage[]
}

/** The parts of a pipeline's batch beside that of its main source, by name. */
export interface SourceParts {
  readonly [name: string]: SourcePart
}

/** The tensors of a part as the main chain has them: `images.patches` with the dimension `images.batch`; `group` stays behind. */
export type PartFields<P extends string, F extends Fields> = {
  readonly [N in keyof F & string as F[N] extends TensorField
    ? N extends "group"
      ? never
      : `${P}.${N}`
    : never]: F[N] extends TensorField<infer D, infer S, infer O> ? TensorField<D, readonly [`${P}.batch`, ...S], O> : never
}

/** The same at run time. */
export const partFields = (part: string, fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      "dtype" in field && name !== "group"
        ? [[partField(part, name), { ...field, dims: [partBatch(part), ...field.dims] }] as const]
        : []
    )
  )

/** The name in the main chain of a field of a part. */
export const partField = (part: string, name: string): string => `${part}.${name}`

/** The dimension of a part's batch. */
export const partBatch = (part: string): string => `${part}.batch`

/** The stage itself where it fits into a part; otherwise a sentence. */
export type FitsPart<F extends Fields, S extends Stage> = S["kind"] extends "tensor"
  ? `${S["stage"]} works on batches, so it must stand in the main chain`
  : Fits<F, "host", S>

/** Host stages being chained on the source of a part. */
export interface PartChain<F extends Fields> {
  readonly fields: F
  readonly stages: readonly HostStage[]
  readonly pipe: <S extends Stage>(
    stage: FitsPart<F, S>
  ) => PartChain<{ readonly [N in keyof (F & S["adds"])]: (F & S["adds"])[N] }>
}

/** The sentence for a stage that only the main chain can have, or undefined. */
export const partStageFault = ({ kind, stage }: Stage): string | undefined =>
  kind === "tensor" ? `${stage} works on batches, so it must stand in the main chain` : undefined

/** Names that settings and fields begin with already. */
const taken: ReadonlySet<string> = new Set([
  ...["training", "source", "teacher", "student", "noise", "scalar", "state", "selected", "gradient", "next"],
  ...Object.keys(TrainSettings.fields)
])

/** The sentence about a part that cannot be, by its name, its samples or its batch; undefined where it can. */
export const partFault = (parts: SourceParts, name: string, batch: number): string | undefined => {
  if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) return `'${name}' is no name for a part: letters and digits, a letter first`
  if (taken.has(name)) return `a part cannot be called '${name}'; give it another name`
  if (Object.hasOwn(parts, name)) return `two parts are called '${name}'; give one of them another name`
  return Number.isSafeInteger(batch) && batch > 0 ? undefined : `${name}.batch: expected a whole number ≥ 1, got ${batch}`
}

/** The sentence about a stage, task or set of weights whose settings or fields would be taken for a part's; undefined where none is. */
export const partNameFault = (parts: SourceParts, as: string): string | undefined => {
  const part = Object.keys(parts).find((name) => as === name || as.startsWith(`${name}.`))
  return part === undefined ? undefined : `'${as}' would be taken for something of the part '${part}'; give it another name`
}

/** The same parts, each changed. */
export const mapParts = <A>(parts: SourceParts, change: (part: SourcePart, name: string) => A): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, change(part, name)]))

/** The stages of parts, each called by its part too: `images.patchify`. */
export const partStages = (parts: SourceParts = {}): readonly HostStage[] =>
  Object.entries(parts).flatMap(([name, { stages }]) => stages.map((stage) => ({ ...stage, as: `${name}.${stage.as}` })))
