import { Schema } from "effect"
import { defineStage, type TypeOfSettings } from "./define-stage.ts"
import { type AddsOf, type Part, type ReadsOf, stageOf } from "./part.ts"
import type { TensorStage } from "./stage.ts"
import type { Makes } from "./strategy.ts"

/** A setting of a stage that selects one of its parts: the schema of the choice, and the constructor of the part. */
export interface Slot<S extends Schema.Top = Schema.Top> {
  readonly schema: S
  readonly make: (choice: never) => Part
}

/** A slot that takes `true`, for a part without settings. */
export interface Flag<P extends Part> extends Slot<Schema.Literal<true>> {
  readonly part: () => P
}

/** The part that a choice in a slot makes. */
type PartIn<S, Choice> = Choice extends true ? (S extends Flag<infer P> ? P : never) : Choice extends Makes<infer P> ? P : never

/** The parts that settings make; absent slots make none. */
export type PartsIn<Slots, S> = { [K in keyof S & keyof Slots]: PartIn<Slots[K], S[K]> }[keyof S & keyof Slots]

interface AnyStrategy {
  readonly tag: string
  readonly schema: Schema.Top
  readonly make: (settings: never) => unknown
}
type Schemas<T extends readonly AnyStrategy[]> = { readonly [K in keyof T]: T[K]["schema"] }

/** Creates a slot that takes one of several strategies. */
export const oneOf = <const T extends readonly [AnyStrategy, ...AnyStrategy[]]>(
  ...strategies: T
): Slot<Schema.Union<Schemas<T>>> => {
  const rows = new Map(strategies.map((each) => [each.tag, each.make as (settings: unknown) => Part]))
  const schema = Schema.Union(strategies.map((each) => each.schema)) as unknown as Schema.Union<Schemas<T>>
  return { schema, make: (choice: { readonly _tag: string }) => rows.get(choice._tag)!(choice) }
}

/** Creates a slot that takes `true`. */
export const flag = <P extends Part>(part: () => P): Flag<P> => ({ schema: Schema.Literal(true), make: part, part })

/** Slots by the names of their settings. */
export interface Slots {
  readonly [name: string]: Slot
}
type Optional<S extends Slots> = { readonly [K in keyof S]: Schema.optionalKey<S[K]["schema"]> }

/** Returns the schema of settings in which each slot is optional. */
export const slotSettings = <const S extends Slots>(slots: S): Schema.Struct<Optional<S>> =>
  Schema.Struct(
    Object.fromEntries(Object.entries(slots).map(([name, { schema }]) => [name, Schema.optionalKey(schema)]))
  ) as never

/** Returns the parts that settings select, in the order of the slots. */
export const partsIn = (slots: Slots, settings: object): readonly Part[] =>
  Object.entries(slots).flatMap(([name, { make }]) => {
    const choice = (settings as Readonly<Record<string, unknown>>)[name]
    return choice === undefined ? [] : [make(choice as never)] // the schema has checked the slot's value
  })

interface OfSlots<Name extends string, S extends Slots> extends TypeOfSettings {
  readonly type: TensorStage<Name, ReadsOf<PartsIn<S, this["settings"]>>, AddsOf<PartsIn<S, this["settings"]>>>
}

/** Defines a kind of tensor stage as the sum of the parts in its slots. */
export const slotStage = <const Name extends string, const S extends Slots>(name: Name, version: number, slots: S) => {
  const settings = slotSettings(slots) as unknown as Schema.Codec<object, SettingsIn<S>>
  return defineStage<OfSlots<Name, S>>()(name, settings, (given, as) =>
    stageOf({ stage: name, as, version, settings: given as never, sizes: {} }, partsIn(slots, given))
  )
}

type SettingsIn<S extends Slots> = Schema.Struct<Optional<S>>["Encoded"]
