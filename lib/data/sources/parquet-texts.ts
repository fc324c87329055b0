import { isUtf8 } from "node:buffer"
import type { SchemaTree } from "hyparquet"
import { textMembers } from "./caption-value.ts"
import { captionsIn } from "./list-literal.ts"
import { decodeText } from "./text-encoding.ts"

const isLeafOfTexts = ({ element }: SchemaTree): boolean =>
  element.type === "BYTE_ARRAY" && element.converted_type !== "DECIMAL" && element.converted_type !== "BSON"

const isList = ({ element, children }: SchemaTree): boolean =>
  element.converted_type === "LIST" ||
  element.logical_type?.type === "LIST" ||
  (children.length === 1 && children[0]!.element.repetition_type === "REPEATED")

const memberOf = (column: SchemaTree): SchemaTree | undefined =>
  textMembers.flatMap((name) => column.children.find((child) => child.element.name === name) ?? [])[0]

/** True where a column has texts: directly, in lists, or in structs with a member for the text. */
export const hasTexts = (column: SchemaTree): boolean => {
  if (column.children.length === 0) return isLeafOfTexts(column)
  if (isList(column)) {
    // A list is a group of a repeated group of an element, or of a repeated element.
    const [repeated] = column.children
    return hasTexts(repeated!.children.length === 1 ? repeated!.children[0]! : repeated!)
  }
  const member = memberOf(column)
  return member !== undefined && hasTexts(member)
}

/** Returns the type of a column, in Parquet's terms. */
export const typeOfColumn = (column: SchemaTree): string => {
  const { element, children } = column
  if (children.length === 0) return element.logical_type?.type ?? element.converted_type ?? element.type ?? "nothing"
  if (!isList(column)) return `structs of ${children.map((child) => child.element.name.slice(0, 40)).join(", ")}`
  const [repeated] = children
  return `lists of ${typeOfColumn(repeated!.children.length === 1 ? repeated!.children[0]! : repeated!)}`
}

/** Returns a text of a column that may not declare that it holds texts; `undefined` also for bytes that are not UTF-8. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  if (!(value instanceof Uint8Array) || !isUtf8(value)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8")
}

/**
 * Returns the texts in a value: itself, those of lists and of structs, and those of a list that was written as a text. Parquet's
 * texts are UTF-8; only those that are not are decoded in the given encoding.
 */
export const textsIn = (value: unknown, onFault: (fault: string) => void, encoding?: string): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, onFault, encoding))
  if (value === null || value === undefined) return []
  const text = value instanceof Uint8Array && !isUtf8(value) ? decodeText(value, encoding) : { text: textOf(value) }
  if (!("text" in text)) {
    onFault(encoding === undefined ? "not UTF-8" : `neither UTF-8 nor ${encoding}`)
    return []
  }
  if (text.text !== undefined) {
    const { texts, fault } = captionsIn(text.text)
    if (fault !== undefined) onFault(fault)
    return texts
  }
  if (typeof value !== "object") return []
  const name = textMembers.find((member) => Object.hasOwn(value, member))
  return name === undefined ? [] : textsIn((value as { readonly [name: string]: unknown })[name], onFault, encoding)
}
