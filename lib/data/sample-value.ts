import { arePairs } from "../pipeline/samples.ts"
import { sha256 } from "../store/digest.ts"
import type { Field, Fields } from "../tensor/field.ts"
import { contentDigest, jsonDigest } from "./source.ts"
import { kindOfValue } from "./sources/members.ts"

/** A value of a sample, or the problem with the data in its place. */
export type ReadValue = { readonly value: unknown } | { readonly fault: string }

/** Reads a value of JSON. */
type ReadJson = (given: unknown) => ReadValue

const wrong = (given: unknown, expected: string): ReadValue => ({ fault: `${kindOfValue(given)}, where ${expected} expected` })

/** Returns a text; numbers and booleans as they are written, since a class may be named `3`. */
const textOf = (given: unknown): string | undefined => {
  const text = typeof given === "number" || typeof given === "boolean" ? String(given) : given
  return typeof text === "string" && text.trim() !== "" ? text.toWellFormed() : undefined
}

const readText: ReadJson = (given) => {
  const value = textOf(given)
  return value === undefined ? wrong(given, "a text is") : { value }
}

const readTexts: ReadJson = (given) => {
  const value = (Array.isArray(given) ? given : [given]).flatMap((each) => textOf(each) ?? [])
  return value.length === 0 ? wrong(given, "a text or a list of texts is") : { value }
}

const readBox: ReadJson = (given) =>
  Array.isArray(given) && given.length === 4 && given.every(Number.isFinite)
    ? { value: given }
    : wrong(given, "a list of four numbers is")

/** Readers of values by the value type of a field; a value of any other type is unchanged JSON. */
const kinds: { readonly [name: string]: ReadJson } = { string: readText, strings: readTexts, box: readBox }

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const

const readTensor =
  (dtype: keyof typeof arrays): ReadJson =>
  (given) => {
    const numbers = (Array.isArray(given) ? given.flat(8) : [given]).map((each) =>
      typeof each === "boolean" ? Number(each) : each
    )
    const fits = numbers.every(
      (each) => typeof each === "number" && Number.isFinite(each) && (dtype !== "int32" || (each | 0) === each)
    )
    return fits ? { value: arrays[dtype].from(numbers) } : wrong(given, dtype === "int32" ? "whole numbers are" : "numbers are")
  }

/** True where a field holds an encoded image. */
export const isImage = (field: Field): boolean => "value" in field && field.value === "bytes"

/** Returns the fields that hold images, in order. */
export const imageFields = (fields: Fields): readonly string[] => Object.keys(fields).filter((name) => isImage(fields[name]!))

/** Returns the fields that do not hold images, in order: those that JSON can represent. */
export const plainFields = (fields: Fields): readonly string[] => Object.keys(fields).filter((name) => !isImage(fields[name]!))

/** Reads a field's value from JSON. */
export const readValue = (field: Field, given: unknown): ReadValue => {
  if ("dtype" in field) return readTensor(field.dtype)(given)
  const kind = Object.hasOwn(kinds, field.value) ? kinds[field.value]! : undefined
  if (kind !== undefined) return kind(given)
  return given === undefined || given === null ? wrong(given, `a value (${field.value}) is`) : { value: given }
}

/** Returns the reason of a sample without a usable value in a field: `no-value(label)`, `wrong-value(box is a text, where …)`. */
export const valueReason = (name: string, fault: string): string =>
  /^(?:missing|null|empty)\b/.test(fault) ? `no-value(${name})` : `wrong-value(${name} is ${fault})`

/** Returns a value in its JSON form. */
export const valueJson = (value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value

/** Returns the texts of a value: itself, or those of a list. */
export const valueTexts = (value: unknown): readonly string[] =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((each) => typeof each === "string") : []

/** Returns the fields with texts to read: `captions` alone where that is one, else all texts but a label. */
export const textFields = (fields: Fields): readonly string[] => {
  if (Object.hasOwn(fields, "captions")) return ["captions"]
  const isText = (field: Field) => "value" in field && (field.value === "string" || field.value === "strings")
  return Object.keys(fields).filter((name) => name !== "label" && isText(fields[name]!))
}

/** Returns the SHA-256, in hexadecimal, of the values of a sample's fields. */
export const valuesDigest = (fields: Fields, sample: { readonly [name: string]: unknown }): string => {
  if (arePairs(fields)) return contentDigest(sample["image"] as Uint8Array, sample["captions"] as readonly string[])
  const of = (name: string) => (isImage(fields[name]!) ? sha256(sample[name] as Uint8Array) : valueJson(sample[name]))
  return jsonDigest(
    Object.keys(fields)
      .sort()
      .map((name) => [name, of(name)])
  )
}
