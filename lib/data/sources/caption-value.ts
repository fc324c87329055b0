import { isUtf8 } from "node:buffer"
import { isObject, kindOfValue, memberOf } from "./members.ts"

/** Members of an object that hold its text, as in the sentences of Hugging Face's COCO. */
export const textMembers: readonly string[] = ["raw", "caption", "text"]

/** The captions of a value, and the problem with other content. */
export interface CaptionTexts {
  readonly texts: readonly string[]
  /** Kind of a value in the place of a text, in the data's own terms. */
  readonly fault?: string
}

/** Returns a text, decoded bytes of UTF-8, or the text of an object; nothing for any other value. */
const oneText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  if (value instanceof Uint8Array && isUtf8(value)) return Buffer.from(value).toString()
  if (!isObject(value) || value instanceof Uint8Array) return undefined
  const member = textMembers.find((name) => Object.hasOwn(value, name))
  const text = member === undefined ? undefined : memberOf(value, member)
  return typeof text === "string" ? text : undefined
}

const kindOf = (value: unknown): string => {
  if (value instanceof Uint8Array) return "bytes that are not UTF-8"
  if (!isObject(value)) return kindOfValue(value)
  return `an object without a text (${textMembers.join(", ")})`
}

/** Returns the captions of a value: a text, an object with one (`{ "raw": … }`), or a list of such. */
export const captionTexts = (value: unknown): CaptionTexts => {
  if (!Array.isArray(value)) {
    const text = oneText(value)
    return text === undefined ? { texts: [], fault: kindOf(value) } : { texts: [text] }
  }
  const read = value.map(oneText)
  const texts = read.filter((text) => text !== undefined)
  const other = read.indexOf(undefined)
  return other < 0 ? { texts } : { texts, fault: `a list with ${kindOf(value[other])}` }
}
