import type { Fields } from "../../tensor/field.ts"
import { imageFields, plainFields, readValue, valueJson } from "../sample-value.ts"
import { kindOfValue } from "../sources/members.ts"
import { type TextColumn, textColumn } from "../sources/text-column.ts"
import { textSet } from "../sources/text-set.ts"

/** The rows of a list, in memory that threads can share: each is the JSON of a sample's id, group and values, images by name. */
export interface RecordRows {
  readonly rows: TextColumn
  /** The names of images, each once. */
  readonly names: TextColumn
}

/** One row, as in its JSON. */
export type RecordRow = readonly [id: string, group: number, values: { readonly [field: string]: unknown }]

/**
 * Collects samples with some fields. A sample's id is the name of its first image, with `#2`, `#3` … where that occurred before,
 * and its place where it has no image; samples of one image are of one group.
 */
export const recordRows = (fields: Fields) => {
  const rows = textColumn()
  const names = textSet()
  const [images, plain] = [imageFields(fields), plainFields(fields)]
  const times = new Map<number, number>()
  const nameIn = (name: string): string => {
    const before = names.count()
    const place = names.place(name)
    if (place === before) return name
    const time = (times.get(place) ?? 1) + 1
    times.set(place, time)
    return `${name}#${time}`
  }
  return {
    count: rows.count,
    /** Adds the sample with the values of `given`; returns the problem where one cannot be used: `label is null`. */
    add: (given: (field: string) => unknown, place: string): string | undefined => {
      const values: Record<string, unknown> = {}
      for (const field of images) {
        const name = given(field)
        if (typeof name !== "string" || name.trim() === "") return `${field} is ${kindOfValue(name)}`
        values[field] = name
      }
      for (const field of plain) {
        const read = readValue(fields[field]!, given(field))
        if ("fault" in read) return `${field} is ${read.fault}`
        values[field] = valueJson(read.value)
      }
      const [first, ...others] = images.map((field) => values[field] as string)
      const id = first === undefined ? place : nameIn(first)
      for (const other of others) names.place(other)
      const group = first === undefined ? rows.count() : names.place(first)
      rows.push(JSON.stringify([id, group, values] satisfies RecordRow))
      return undefined
    },
    done: (): RecordRows => ({ rows: rows.done(), names: names.done() })
  }
}

/** Collects samples. */
export type RecordBuilder = ReturnType<typeof recordRows>
