import type { Schema } from "effect"
import { type Bound, checkSettings, type Known, type StageDefinition } from "./settings.ts"
import type { Stage } from "./stage.ts"

/**
 * A type-level function of the type of settings: an interface that extends this and defines `type` in terms of
 * `this["settings"]`.
 */
export interface TypeOfSettings {
  readonly settings: unknown
  readonly type: unknown
}

/** The same type for all settings. */
export interface Always<M> extends TypeOfSettings {
  readonly type: M
}

/** The type that `F` gives for settings of type `S`. */
export type Applied<F extends TypeOfSettings, S> = (F & { readonly settings: S })["type"]

/**
 * Defines a kind of stage from the schema of its settings and the function that makes it: `stage`, the constructor for pipelines,
 * typed by `F`, and `definition`, for the loader. Both throw a `SettingsError` for settings that the schema does not have.
 */
export const defineStage =
  <F extends TypeOfSettings>() =>
  <const Name extends string, A, E>(
    name: Name,
    settings: Schema.Codec<A, E>,
    make: (settings: A, as: string) => Stage
  ): {
    readonly stage: <const S extends Bound<E>>(settings: Known<Name, E, S>, as?: string) => Applied<F, S>
    readonly definition: StageDefinition
  } => {
    const made = (given: unknown, as: string = name): Stage => make(checkSettings(name, settings, given), as)
    // The stage made at run time has the type that `F` gives for the settings: checked by test/stages/wiring.test.ts.
    return { stage: (given, as) => made(given, as) as never, definition: { name, settings, make: made } }
  }
