import { Effect } from "effect"
import { dimensionParts, type Field, type Fields } from "../tensor/field.ts"
import type { Batchwise, Binding, HostStage, Names, Sizes, TensorStage } from "./stage.ts"
import type { FieldVocabularies } from "./vocabulary.ts"

const renameKeys = <A>(record: { readonly [name: string]: A }, names: Names = {}): { readonly [name: string]: A } =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [to(names, name), value]))

/** Returns the new name of a name; the name itself where it has none. */
export const to = (names: Names | undefined, name: string): string => (names && Object.hasOwn(names, name) ? names[name]! : name)

/** Converts values by bound names to values by the stage's own names. */
const inner = <A>(
  names: readonly string[],
  outer: { readonly [name: string]: A },
  bound: Names = {}
): { readonly [name: string]: A } =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(outer, to(bound, name)) ? [[name, outer[to(bound, name)]!]] : [])))

const dimension = (dims: Names | undefined, text: string): string => {
  const { name, more } = dimensionParts(text)
  return more === 0 ? to(dims, name) : `${to(dims, name)}+${more}`
}

const resized = (field: Field, dims: Names | undefined): Field =>
  "dtype" in field ? { ...field, dims: field.dims.map((each) => dimension(dims, each)) } : field

const fieldsOf = (fields: Fields, names: Names | undefined, dims: Names | undefined): Fields =>
  renameKeys(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, resized(field, dims)])), names)

/** Converts all sizes to the stage's own names of dimensions: a renamed dimension has the size of its new name. */
const innerSizes = (sizes: Sizes, dims: Names = {}): Sizes => {
  const others = Object.entries(sizes).filter(([name]) => !Object.hasOwn(dims, name))
  return { ...Object.fromEntries(others), ...inner(Object.keys(dims), sizes, dims) }
}

/** Members of a host stage (lib/data/host) that refer to fields by name. */
interface NamedHooks {
  readonly open?: (
    context: never
  ) => Effect.Effect<{ readonly prepare: HostStage["prepare"]; readonly vocabularies?: FieldVocabularies }>
  readonly vocabularyIn?: (folder: string) => Effect.Effect<{ readonly field: string } | undefined>
}

/** Returns a host stage with its fields renamed. */
export const renamedHost = (stage: HostStage & NamedHooks, { reads, adds, dims }: Binding): HostStage => {
  const { open, vocabularyIn, vocabularies } = stage
  const names = Object.keys(stage.reads)
  const within =
    (prepare: HostStage["prepare"]): HostStage["prepare"] =>
    (sample) =>
      prepare({ ...sample, ...inner(names, sample, reads) })
  return {
    ...stage,
    reads: fieldsOf(stage.reads, reads, dims),
    adds: fieldsOf(stage.adds, adds, dims),
    sizes: renameKeys(stage.sizes, dims),
    prepare: within(stage.prepare),
    draw: (prepared, key) => renameKeys(stage.draw(prepared, key), adds) as never, // values of fields of any type
    ...(vocabularies ? { vocabularies: renameKeys(vocabularies, adds) } : {}),
    ...(open ? { open: (context: never) => Effect.map(open(context), (opened) => openedAs(opened, within, adds)) } : {}),
    ...(vocabularyIn
      ? {
          vocabularyIn: (folder: string) =>
            Effect.map(vocabularyIn(folder), (found) => found && { ...found, field: to(adds, found.field) })
        }
      : {})
  }
}

const openedAs = <A extends { readonly prepare: HostStage["prepare"]; readonly vocabularies?: FieldVocabularies }>(
  opened: A,
  within: (prepare: HostStage["prepare"]) => HostStage["prepare"],
  adds: Names | undefined
): A => ({
  ...opened,
  prepare: within(opened.prepare),
  ...(opened.vocabularies ? { vocabularies: renameKeys(opened.vocabularies, adds) } : {})
})

const boundBatchwise = ({ whole, rest, selects }: Batchwise, binding: Binding): Batchwise => ({
  whole: renamedTensor(whole, binding),
  rest: rest && renamedTensor(rest, binding),
  selects: renameKeys(
    Object.fromEntries(
      Object.entries(selects).map(([name, { from, by }]) => [name, { from: to(binding.reads, from), by: to(binding.adds, by) }])
    ),
    binding.adds
  )
})

/** Returns a tensor stage with its fields renamed. */
export const renamedTensor = (stage: TensorStage, binding: Binding): TensorStage => {
  const { reads, adds, dims } = binding
  const { completed, needsVocabulary, batchwise } = stage
  const names = Object.keys(stage.reads)
  return {
    ...stage,
    reads: fieldsOf(stage.reads, reads, dims),
    adds: fieldsOf(stage.adds, adds, dims),
    sizes: renameKeys(stage.sizes, dims),
    noise: Object.fromEntries(
      Object.entries(stage.noise).map(([name, spec]) => [name, { ...spec, dims: spec.dims.map((each) => dimension(dims, each)) }])
    ),
    ...(dims ? { batch: to(dims, stage.batch ?? "batch") } : {}),
    parameters: (sizes) => stage.parameters(innerSizes(sizes, dims)),
    teacherParameters: (sizes) => stage.teacherParameters(innerSizes(sizes, dims)),
    state: (sizes) => stage.state(innerSizes(sizes, dims)),
    ...(batchwise ? { batchwise: boundBatchwise(batchwise, binding) } : {}),
    ...(completed ? { completed: (known) => renamedTensor(completed(inner(names, known, reads)), binding) } : {}),
    ...(needsVocabulary ? { needsVocabulary: needsVocabulary.map((field) => to(reads, field)) } : {}),
    apply: (context) => {
      const outcome = stage.apply({
        ...context,
        fields: inner(names, context.fields, reads) as never, // typed by the stage's own reads, which these fields are
        sizes: innerSizes(context.sizes, dims)
      })
      return { ...outcome, fields: renameKeys(outcome.fields, adds) }
    }
  }
}
