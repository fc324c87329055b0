/** Returns the kind of a value of untrusted JSON, without its content. */
export const kindOfValue = (value: unknown): string => {
  if (value === undefined) return "missing"
  if (value === null) return "null"
  if (typeof value === "string") return value.trim() === "" ? "empty" : "a text"
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "NaN or Infinity"
  if (typeof value === "boolean") return String(value)
  return Array.isArray(value) ? "a list" : "an object"
}

/** Returns the kind of a value without a caption: `null`, `empty`, `an empty list`, `a list without a text`. */
export const kindWithoutText = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list without a text"
  // A text that is not blank is then a list that was written as text.
  return typeof value === "string" && value.trim() !== "" ? "a list without a text" : kindOfValue(value)
}

/** An object of untrusted JSON: only its own members are ever read. */
export type JsonObject = { readonly [name: string]: unknown }

/** True where a value is an object that has members. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Returns an object's own member. */
export const memberOf = (object: JsonObject, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined)

/** Returns the reason why a member cannot be used: `caption is null`. */
export const memberFault = (object: JsonObject, name: string): string => `${name} is ${kindOfValue(memberOf(object, name))}`

/** Returns a member that is a text and not blank. */
export const textMember = (object: JsonObject, name: string): string | undefined => {
  const value = memberOf(object, name)
  return typeof value === "string" && value !== "" ? value : undefined
}

/** Returns the first of some members that an object has. */
export const firstMember = (object: JsonObject, names: readonly string[]): string | undefined =>
  names.find((name) => Object.hasOwn(object, name))
