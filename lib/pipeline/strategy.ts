import { Schema } from "effect"
import type { Always, Applied, TypeOfSettings } from "./define-stage.ts"
import { type Bound, checkSettings, type Known } from "./settings.ts"

declare const made: unique symbol

/** Settings whose type also carries the type of what a stage makes of them; at run time they are plain data. */
export interface Makes<M> {
  readonly [made]?: M
}

type Arguments<Tag extends string, E, S> = {} extends E ? [settings?: Known<Tag, E, S>] : [settings: Known<Tag, E, S>]

/**
 * A strategy: a constructor that returns its settings as tagged data with defaults filled in, and the function that makes a part
 * of a stage from them.
 */
export interface Strategy<Tag extends string, Fields extends Schema.Struct.Fields, F extends TypeOfSettings> {
  <const S extends Bound<Schema.Struct.Encoded<Fields>>>(
    ...given: Arguments<Tag, Schema.Struct.Encoded<Fields>, S>
  ): Schema.TaggedStruct<Tag, Fields>["Type"] & Makes<Applied<F, S>>
  readonly tag: Tag
  readonly schema: Schema.TaggedStruct<Tag, Fields>
  readonly make: (settings: Schema.TaggedStruct<Tag, Fields>["Type"]) => Applied<F, unknown>
}

/** Defines a strategy for which the type of the made part depends on its settings, as given by `F`. */
export const strategyBy =
  <F extends TypeOfSettings>() =>
  <const Tag extends string, const Fields extends Schema.Struct.Fields>(
    tag: Tag,
    fields: Fields,
    make: (settings: Schema.TaggedStruct<Tag, Fields>["Type"]) => unknown
  ): Strategy<Tag, Fields, F> => {
    const settings = Schema.Struct(fields) as unknown as Schema.Codec<object>
    const choose = (given: unknown = {}) => ({ _tag: tag, ...checkSettings(tag, settings, given) })
    return Object.assign(choose, { tag, schema: Schema.TaggedStruct(tag, fields), make }) as never
  }

/**
 * Defines a strategy: its tag, the schema of its settings, and the function that makes something of them, e.g. a part of a stage.
 */
export const strategy = <const Tag extends string, const Fields extends Schema.Struct.Fields, M>(
  tag: Tag,
  fields: Fields,
  make: (settings: Schema.TaggedStruct<Tag, Fields>["Type"]) => M
): Strategy<Tag, Fields, Always<M>> => strategyBy<Always<M>>()<Tag, Fields>(tag, fields, make)
