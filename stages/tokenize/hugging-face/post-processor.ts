import { Schema } from "effect"
import { makePart, type PartRow, type PartTable, row } from "./part.ts"

/** Ids that are put before and after a text. */
export interface HostContext {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

const Id = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Named = Schema.Tuple([Schema.String, Id])
const Pair = Schema.Struct({ cls: Named, sep: Named })

const Template = Schema.Struct({
  single: Schema.Array(
    Schema.Union([
      Schema.Struct({ SpecialToken: Schema.Struct({ id: Schema.String }) }),
      Schema.Struct({ Sequence: Schema.Struct({ id: Schema.Literals(["A", "B"]) }) })
    ])
  ),
  special_tokens: Schema.Record(Schema.String, Schema.Struct({ ids: Schema.Array(Id) }))
})

const fromTemplate = ({ single, special_tokens }: typeof Template.Type): HostContext => {
  const places = single.flatMap((part, i) => ("Sequence" in part ? [{ i, id: part.Sequence.id }] : []))
  const [text] = places
  if (!text || places.length > 1 || text.id !== "A") throw new Error(`it has ${places.length} texts in 'single', not one $A`)
  const idsOf = (parts: typeof single): readonly number[] =>
    parts.flatMap((part) => {
      if ("Sequence" in part) return []
      const { id } = part.SpecialToken
      if (!Object.hasOwn(special_tokens, id)) throw new Error(`'${id}' is not among its special_tokens`)
      return special_tokens[id]!.ids
    })
  return { before: idsOf(single.slice(0, text.i)), after: idsOf(single.slice(text.i + 1)) }
}

const between = ({ cls, sep }: typeof Pair.Type): HostContext => ({ before: [cls[1]], after: [sep[1]] })
const none: HostContext = { before: [], after: [] }

const rows: { readonly [type: string]: PartRow<HostContext> } = {
  BertProcessing: row(Pair, between),
  ByteLevel: row(Schema.Struct({}), () => none),
  RobertaProcessing: row(Pair, between),
  Sequence: row(Schema.Struct({ processors: Schema.Array(Schema.Unknown) }), ({ processors }) =>
    processors
      .map((each) => makePart(table, each))
      .reduce((inner, outer) => ({ before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] }), none)
  ),
  TemplateProcessing: row(Template, fromTemplate)
}
const table: PartTable<HostContext> = { kind: "post_processor", rows }

/**
 * Reads the ids that a file puts before and after one text; none for null. Throws an `Error` that names anything not supported.
 */
export const hostContextOf = (config: unknown): HostContext => (config == null ? none : makePart(table, config))
