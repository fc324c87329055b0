import { Effect, Schema } from "effect"
import type { Stage } from "./stage.ts"

/** A setting that no stage takes, or an invalid value; the message names both. */
export class SettingsError extends Schema.TaggedError<SettingsError>()("SettingsError", {
  stage: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

/**
 * Bound of a constructor's type of settings; `object` admits settings of which no name is known, so that `Known` can name them.
 */
export type Bound<T> = T & object

/**
 * The settings as given where all their names are known to `T`; otherwise one message per unknown name. Used as `<const S extends
 * Bound<T>>(settings: Known<"name", T, S>)`, so that a wrong value is the compiler's own error. The template literal must stay:
 * it makes the compiler print the message rather than this type's name.
 */
export type Known<Name extends string, T, S> = [Exclude<keyof S, keyof T>] extends [never]
  ? S
  : `${Name} has no setting '${Exclude<keyof S, keyof T> & string}'`

/** An optional setting with a default. */
export const setting = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Number types of settings: `fraction` in [0, 1], `natural` ≥ 0 and `count` ≥ 1 (integers), `positive` > 0. */
export const fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
export const natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
export const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
export const positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** Name of a model, a fusion or a head, which is the prefix of its parameters' names. */
export const modelName = Schema.String.check(Schema.isPattern(/^[A-Za-z][A-Za-z0-9_-]*$/))

/** A schema of settings whose decoding needs no services. */
export type SettingsSchema = Schema.Codec<unknown, unknown>

type Ast = SettingsSchema["ast"]
interface Shape {
  readonly name: string
  readonly properties: ReadonlyMap<string, Ast>
  readonly open: boolean
}

const tagOf = (ast: Ast): string | undefined => {
  if (ast._tag !== "Objects") return undefined
  const type = ast.propertySignatures.find((property) => property.name === "_tag")?.type
  return type?._tag === "Literal" ? String(type.literal) : undefined
}

const shapeOf = (ast: Ast, name: string): Shape | undefined =>
  ast._tag === "Objects"
    ? {
        name: tagOf(ast) ?? String(ast.annotations?.["identifier"] ?? name),
        properties: new Map(ast.propertySignatures.map((property) => [String(property.name), property.type])),
        open: ast.indexSignatures.length > 0
      }
    : undefined

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Returns the message about the first key that a schema does not know, in strategies by their tags; or undefined. */
const unknownKey = (ast: Ast, name: string, value: unknown): string | undefined => {
  if (!isRecord(value)) return undefined
  if (ast._tag === "Union") {
    const tags = ast.types.flatMap((type) => tagOf(type) ?? [])
    if (tags.length === 0) return undefined
    const chosen = ast.types.find((type) => tagOf(type) === value["_tag"])
    return chosen ? unknownKey(chosen, name, value) : `${name} is one of ${tags.join(", ")}, not '${String(value["_tag"])}'`
  }
  const shape = shapeOf(ast, name)
  if (!shape) return undefined
  for (const [key, part] of Object.entries(value)) {
    const type = shape.properties.get(key)
    if (!type && !shape.open) return `${shape.name} has no setting '${key}'`
    const fault = type && unknownKey(type, `${shape.name}.${key}`, part)
    if (fault) return fault
  }
  return undefined
}

/**
 * Fills in the defaults of settings. Throws a `SettingsError`: `<name> has no setting '<key>'` (a strategy is named by its tag),
 * or the path and the expected value.
 */
export const checkSettings = <A>(name: string, schema: Schema.Codec<A, unknown>, value: unknown): A => {
  const fault = unknownKey(schema.ast, name, value)
  if (fault) throw new SettingsError({ stage: name, problem: fault })
  try {
    return Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(value)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new SettingsError({ stage: name, problem: `${name}: ${said.replace(/\s*\n\s*/g, " ")}` })
  }
}

/** Row of the table of stages, from which the loader makes a kind of stage. */
export interface StageDefinition {
  readonly name: string
  readonly settings: SettingsSchema
  readonly make: (settings: unknown, as?: string) => Stage
}
