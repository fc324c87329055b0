import { Effect, Schema } from "effect"
import type { DataTables } from "../../../../lib/data/host/host-stages.ts"
import { isImage, plainFields, valueJson, valuesDigest, valueTexts } from "../../../../lib/data/sample-value.ts"
import { openShardSet } from "../../../../lib/data/shards/open-shard-set.ts"
import { jsonDigest, type RawSample, type Source } from "../../../../lib/data/source.ts"
import { Field } from "../../../../lib/pipeline/pipeline-data.ts"
import { checkSettings, type StageDefinition } from "../../../../lib/pipeline/settings.ts"
import type { HostStage } from "../../../../lib/pipeline/stage.ts"
import { integers } from "../../../../lib/random/integers.ts"
import { derive, key } from "../../../../lib/random/key.ts"
import { sha256 } from "../../../../lib/store/digest.ts"
import { type Fields, type Field as FieldType, tensor } from "../../../../lib/tensor/field.ts"
import { greyPng } from "../hardening/png.ts"

/** A value for a field of sample `index`, drawn by the field's name. */
const drawn = (name: string, field: FieldType, index: number): unknown => {
  const numbers = (count: number) => integers(derive(key(1), name, index), count, 0, 200)
  const words = (count: number) => Array.from(numbers(count), (n) => `${name} ${n} é 日本 "'\\`)
  if (isImage(field)) return new Uint8Array(greyPng(2, 1, Uint8Array.of(0, ...numbers(2))))
  if ("dtype" in field) {
    const values = field.dtype === "bool" ? numbers(3).map((n) => n % 2) : numbers(3)
    return field.dtype === "float32"
      ? Float32Array.from(values, (n) => n / 7)
      : field.dtype === "int32"
        ? values
        : Uint8Array.from(values)
  }
  const kinds: { readonly [kind: string]: () => unknown } = {
    string: () => words(1)[0],
    strings: () => words(1 + (index % 3)),
    box: () => Array.from(numbers(4), (n) => n / 8)
  }
  return kinds[field.value]?.() ?? { turns: words(2).map((question) => ({ question, answers: [index, null, true] })) }
}

/** Samples with any fields, a function of their names and types. */
export const drawnSource = (name: string, count: number, fields: Fields): Source<Fields> => {
  const sample = (index: number): RawSample<Fields> => ({
    id: `drawn/${index}`,
    group: index >> 1,
    ...Object.fromEntries(Object.entries(fields).map(([each, field]) => [each, drawn(each, field, index)]))
  })
  return {
    name,
    count,
    fields,
    digest: jsonDigest(["drawn", count, fields]),
    credits: [],
    issues: [],
    id: (index) => `drawn/${index}`,
    group: (index) => index >> 1,
    texts: (index, field) => Effect.sync(() => valueTexts(sample(index)[field])),
    sample: (index) => Effect.sync(() => sample(index)),
    sampleDigest: (index) => Effect.sync(() => valuesDigest(fields, sample(index)))
  }
}

/** A digest of the values of a sample's fields, as two whole numbers. */
export const marksOf = (fields: Fields, sample: { readonly [name: string]: unknown }): Int32Array => {
  const of = (name: string) => (isImage(fields[name]!) ? sha256(sample[name] as Uint8Array) : valueJson(sample[name]))
  const text = jsonDigest(Object.keys(fields).map((name) => [name, of(name)]))
  return Int32Array.of(Number.parseInt(text.slice(0, 7), 16), Number.parseInt(text.slice(7, 14), 16))
}

const Settings = Schema.Struct({ fields: Schema.Record(Schema.String, Field) })
const adds = { marks: tensor("int32", "marks") }

/** A host stage that reads given fields and adds a digest of their values. */
const make = (given: unknown, as = "marks"): HostStage<"marks", Fields, typeof adds, Int32Array> => {
  const settings = checkSettings("marks", Settings, given)
  const fields: Fields = settings.fields
  return {
    ...{
      stage: "marks",
      as,
      kind: "host",
      version: 1,
      momentum: false,
      settings,
      reads: fields,
      adds,
      sizes: { marks: 2, three: 3 }
    },
    codec: {
      encode: (marks) => new Uint8Array(marks.slice().buffer),
      decode: (bytes) => new Int32Array(bytes.slice().buffer)
    },
    prepare: (sample) => Effect.sync(() => marksOf(fields, sample)),
    draw: (marks) => ({ marks })
  }
}

export const marks = (fields: Fields) => make({ fields })
const definition: StageDefinition = { name: "marks", settings: Settings, make }

/** Sources `drawn:COUNT` of any fields, and shard sets. */
export const drawnTables: DataTables = {
  stages: { marks: definition },
  tasks: {},
  openSource: (name, fields = {}) =>
    name.startsWith("drawn:")
      ? Effect.succeed(drawnSource(name, Number(name.slice("drawn:".length)), fields) as unknown as Source)
      : openShardSet(name)
}

/** Those of some fields that have texts. */
export const withTexts = (fields: Fields): readonly string[] =>
  plainFields(fields).filter((name) => ["string", "strings"].includes((fields[name] as { readonly value?: string }).value ?? ""))
