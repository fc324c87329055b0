import { dimensionParts, type Fields, show, type TensorField } from "../tensor/field.ts"
import { renamedHost, renamedTensor, to } from "./renamed-stage.ts"
import { SettingsError } from "./settings.ts"
import type { Binding, HostStage, Names, Stage, TensorStage } from "./stage.ts"

/** A binding, and the name of this use of the stage. */
export interface Use extends Binding {
  readonly as?: string
}

/** The new name of a name; of none, none (which the compiler asks for a stage without fields). */
type In<M, N extends string> = N extends unknown ? (M extends { readonly [K in N]: infer To extends string } ? To : N) : never
type Get<B, K extends string> = B extends { readonly [_ in K]: infer M } ? M : {}
type Dim<M, D extends string> = D extends `${infer N}+${infer More}` ? `${In<M, N>}+${More}` : In<M, D>
type Dims<M, S extends readonly string[]> = { readonly [I in keyof S]: Dim<M, S[I]> }
type Resized<M, F> = F extends TensorField<infer D, infer S, infer O> ? TensorField<D, Dims<M, S>, O> : F
type Renamed<M, D, F extends Fields> = { readonly [N in keyof F & string as In<M, N>]: Resized<D, F[N]> }

/** Type of a stage with its fields renamed. */
export type BoundStage<S extends Stage, B> =
  S extends HostStage<infer N, infer R, infer A, infer P>
    ? HostStage<N, Renamed<Get<B, "reads">, Get<B, "dims">, R>, Renamed<Get<B, "adds">, Get<B, "dims">, A>, P>
    : S extends TensorStage<infer N, infer R, infer A>
      ? TensorStage<N, Renamed<Get<B, "reads">, Get<B, "dims">, R>, Renamed<Get<B, "adds">, Get<B, "dims">, A>>
      : never

type Unknown<S extends Stage, K extends "reads" | "adds", M> =
  Exclude<keyof M & string, keyof S[K]> extends infer N extends string
    ? N extends unknown
      ? `${S["stage"]} ${K} no '${N}'`
      : never
    : never
type Wrong<S extends Stage, B> = Unknown<S, "reads", Get<B, "reads">> | Unknown<S, "adds", Get<B, "adds">>

/** The binding itself where the stage reads and adds all that it renames; otherwise one message per name. */
export type Binds<S extends Stage, B> = [Wrong<S, B>] extends [never] ? B : `${Wrong<S, B>}`

const dimsOf = (stage: Stage): readonly string[] => [
  ...Object.keys(stage.sizes),
  ...[...Object.values(stage.reads), ...Object.values(stage.adds)].flatMap((field) =>
    "dtype" in field ? field.dims.map((each) => dimensionParts(each).name) : []
  )
]

const kinds: readonly string[] = ["reads", "adds", "dims"]

/** Returns the message about what is no binding, whatever the stage: another kind of names, or a name that no field can have. */
const nameFault = (stage: Stage, binding: Binding): string | undefined => {
  const other = Object.keys(binding).find((kind) => !kinds.includes(kind))
  if (other !== undefined) return `${stage.stage} cannot be bound by '${other}', only by as, ${kinds.join(", ")}`
  const odd = Object.values(binding)
    .flatMap((names: Names) => Object.values(names))
    .find((name) => !/^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/.test(name))
  if (odd !== undefined)
    return `${stage.stage} cannot be bound to '${odd}': a name is letters and digits, a letter first, and may have parts with dots between`
  const reserved = Object.values(binding.adds ?? {}).find((name) => name.startsWith("teacher."))
  return reserved === undefined ? undefined : `${stage.stage} cannot add '${reserved}': such names are those of momentum stages`
}

/**
 * Returns the message about a field that a binding renames and the stage does not have, or about two fields of one name;
 * undefined where there is none.
 */
const bindingFault = (stage: Stage, { reads = {}, adds = {}, dims = {} }: Binding): string | undefined => {
  const known = { reads: Object.keys(stage.reads), adds: Object.keys(stage.adds), dims: [...new Set(dimsOf(stage))] }
  for (const [kind, names] of Object.entries({ reads, adds, dims }) as [keyof typeof known, Names][]) {
    const missing = Object.keys(names).find((name) => !known[kind].includes(name))
    const verb = kind === "dims" ? "has no dimension" : `${kind} no`
    if (missing !== undefined)
      return `${stage.stage} ${verb} '${missing}', so it cannot be bound to '${names[missing]}'; it ${kind === "dims" ? "has" : kind} ${known[kind].join(", ")}`
  }
  for (const [name, field] of Object.entries(stage.reads)) {
    const now = to(reads, name)
    const other = Object.entries(stage.reads).find(([each, its]) => to(reads, each) === now && show(its) !== show(field))
    if (other) return `${stage.stage} reads '${now}' twice, as ${name} (${show(field)}) and as ${other[0]} (${show(other[1])})`
  }
  const added = known.adds.map((name) => to(adds, name))
  const twice = added.find((name, i) => added.indexOf(name) !== i)
  return twice === undefined ? undefined : `${stage.stage} adds '${twice}' twice`
}

/** Composes two bindings: the second renames the names that the first one gave. */
const composed = (first: Names | undefined, second: Names | undefined): Names => {
  const given = Object.values(first ?? {})
  const fresh = Object.entries(second ?? {}).filter(([name]) => !given.includes(name))
  return {
    ...Object.fromEntries(Object.entries(first ?? {}).map(([name, now]) => [name, to(second, now)])),
    ...Object.fromEntries(fresh)
  }
}

const filled = (name: keyof Binding, names: Names): Binding => (Object.keys(names).length === 0 ? {} : { [name]: names })

/**
 * Returns a stage with its fields renamed, and the binding as data. Throws a `SettingsError` where the stage has no such field.
 */
export const bound = (stage: Stage, binding: Binding): Stage => {
  const refuse = (problem: string) => new SettingsError({ stage: stage.as, problem })
  if (stage.kind === "tensor" && stage.weights !== "student")
    throw refuse(`${stage.as} runs with other parameters already: bind the stage itself, then give it those`)
  const fault = nameFault(stage, binding) ?? bindingFault(stage, binding)
  if (fault !== undefined) throw refuse(fault)
  const names = (["reads", "adds", "dims"] as const).map((name) => filled(name, composed(stage.bind?.[name], binding[name])))
  const bind: Binding = Object.assign({}, ...names)
  const made = stage.kind === "host" ? renamedHost(stage, binding) : renamedTensor(stage, binding)
  return Object.keys(bind).length === 0 ? made : { ...made, bind }
}

/**
 * Returns a stage with other names: `bind(tokenize(settings), { as: "question", reads: { captions: "questions" }, adds: { tokens:
 * "question.tokens" }, dims: { tokens: "questionTokens" } })`. Two uses of one model share one set of parameters.
 *
 * A name that the stage does not read or add is a compile-time error whose text is a message, and a `SettingsError` with the same
 * message. A stage that runs with other parameters is bound first: `momentum(bind(stage, …))`.
 */
export const bind = <S extends Stage, const B extends Use>(stage: S, use: Binds<S, B>): BoundStage<S, B> => {
  const { as = stage.as, ...binding } = use as Use // Binds is the binding, or a message with which the compiler rejected it
  return { ...bound(stage, binding), as } as never // fields as in BoundStage: checked by test/lib/pipeline/bind.test.ts
}
