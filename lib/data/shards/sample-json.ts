import type { Fields } from "../../tensor/field.ts"
import { plainFields, readValue, valueReason } from "../sample-value.ts"
import { isObject, memberOf } from "../sources/members.ts"

/** Content of the JSON member of a sample in a shard. */
export interface SampleJson {
  readonly id: string
  readonly group: number
  /** The values of the fields other than images. */
  readonly values: { readonly [field: string]: unknown }
  /** Token ids by the identity of the stage that made them. */
  readonly tokens: { readonly [identity: string]: unknown }
}

const captionsIn = (given: unknown): readonly unknown[] | undefined => {
  const texts = Array.isArray(given) ? given.filter((text) => typeof text === "string" && text.trim() !== "") : []
  return texts.length === 0 ? undefined : texts
}

/**
 * Parses the JSON member of a sample with some fields; `undefined` where it is not that of a sample, which needs an id, a group
 * and captions where these are a field, or the reason why it cannot be used where another field has no usable value. Captions are
 * a member of their own, all other values are in `fields`.
 */
export const parseSampleJson = (bytes: Uint8Array, fields: Fields): SampleJson | { readonly reason: string } | undefined => {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (!isObject(json)) return undefined
  const { id, group, tokens } = json
  if (typeof id !== "string" || id === "" || typeof group !== "number" || (group | 0) !== group || group < 0) return undefined
  const given = memberOf(json, "fields")
  const values: Record<string, unknown> = {}
  for (const name of plainFields(fields)) {
    if (name === "captions") {
      values[name] = captionsIn(memberOf(json, name))
      if (values[name] === undefined) return undefined
      continue
    }
    const read = readValue(fields[name]!, isObject(given) ? memberOf(given, name) : undefined)
    if ("fault" in read) return { reason: valueReason(name, read.fault) }
    values[name] = read.value
  }
  return { id, group, values, tokens: isObject(tokens) ? tokens : {} }
}
