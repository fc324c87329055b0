import type { Batched, Field, Fields, Show } from "../tensor/field.ts"
import { show } from "../tensor/field.ts"
import type { Stage } from "./stage.ts"

export type Kind = Stage["kind"]

/** The fields available to a stage: batched from the first tensor stage on. */
export type Seen<F extends Fields, K extends Kind, S extends Stage> = [K, S["kind"]] extends ["host", "tensor"] ? Batched<F> : F

/**
 * The stage itself where it fits; otherwise one message per error. The template literal must stay: it makes the compiler print
 * the messages rather than this type's name.
 */
export type Fits<F extends Fields, K extends Kind, S extends Stage> = [K, S["kind"]] extends ["tensor", "host"]
  ? `${S["stage"]} works on samples, so it must stand before the first tensor stage`
  : [Faults<F, S>] extends [never]
    ? S
    : `${Faults<F, S>}`

type Faults<F extends Fields, S extends Stage, N extends string = S["stage"]> =
  | {
      [X in keyof S["reads"] & string]: X extends keyof F
        ? [Show<F[X]>] extends [Show<S["reads"][X]>]
          ? never
          : `${N} reads '${X}' as ${Show<S["reads"][X]>}, but here it is ${Show<F[X]>}`
        : `${N} reads '${X}' (${Show<S["reads"][X]>}), which no stage before it adds`
    }[keyof S["reads"] & string]
  | {
      [X in keyof S["adds"] & string]: X extends keyof F ? `${N} adds '${X}', which is there already` : never
    }[keyof S["adds"] & string]

/** Returns the same messages at run time, for pipelines loaded as data; none where the stage fits. */
export const faults = (
  fields: Fields,
  kind: Kind,
  stage: Pick<Stage, "kind" | "stage" | "reads" | "adds">
): readonly string[] => {
  if (kind === "tensor" && stage.kind === "host")
    return [`${stage.stage} works on samples, so it must stand before the first tensor stage`]
  const name = stage.stage
  const reads = Object.entries<Field>(stage.reads).flatMap(([field, wanted]) => {
    const found = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (found === undefined) return [`${name} reads '${field}' (${show(wanted)}), which no stage before it adds`]
    return show(found) === show(wanted) ? [] : [`${name} reads '${field}' as ${show(wanted)}, but here it is ${show(found)}`]
  })
  const adds = Object.keys(stage.adds)
    .filter((field) => Object.hasOwn(fields, field))
    .map((field) => `${name} adds '${field}', which is there already`)
  return [...reads, ...adds]
}

/**
 * Returns the message about a stage whose name an earlier stage has, since settings, random numbers, buffers and caches are keyed
 * by it; or undefined.
 */
export const nameFault = (stages: readonly Stage[], stage: Stage): string | undefined =>
  stages.some(({ as }) => as === stage.as) ? `two stages are called '${stage.as}'; give one of them another name` : undefined

/** Returns the message about a dimension to which two stages give different sizes, or undefined. */
export const sizeFault = (stages: readonly Stage[], stage: Stage): string | undefined => {
  for (const [dimension, size] of Object.entries(stage.sizes)) {
    const other = stages.find((s) => Object.hasOwn(s.sizes, dimension) && s.sizes[dimension] !== size)
    if (other) return `${stage.as} makes '${dimension}' ${size}, but ${other.as} made it ${other.sizes[dimension]}`
  }
  return undefined
}
