import { Schema } from "effect"
import type { Field, Fields } from "../tensor/field.ts"

/** A field's name as a setting. */
export const fieldName = Schema.NonEmptyString

/** The value of a key in data, or undefined. */
export type Get<T, K extends string> = T extends { readonly [_ in K]: infer V } ? V : undefined

/** Fields of one kind, given by one name, several, or none. */
export type Named<N, F extends Field> = N extends readonly (infer E extends string)[]
  ? { readonly [K in E]: F }
  : N extends string
    ? { readonly [K in N]: F }
    : {}

/** Returns fields of one kind, given by one name, several, or none. */
export const namedFields = (names: string | readonly string[] | undefined, field: Field): Fields =>
  Object.fromEntries([names ?? []].flat().map((name) => [name, field]))

/** An intersection of fields as one type. */
export type Merged<T> = { readonly [N in keyof T]: T[N] } extends infer F extends Fields ? F : never
