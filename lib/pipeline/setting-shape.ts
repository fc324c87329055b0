import { Schema } from "effect"
import type { SettingsSchema } from "./settings.ts"
import type { Json } from "./stage.ts"

/** A node of the syntax tree of a schema. */
export type Shape = SettingsSchema["ast"]

interface JsonObject {
  readonly [name: string]: Json
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Returns the schema of a node, for values with defaults filled in. */
const schemaOf = (shape: Shape): SettingsSchema => Schema.toType(Schema.make<SettingsSchema>(shape))

const tagOf = (shape: Shape): string | undefined => {
  if (shape._tag !== "Objects") return undefined
  const tag = shape.propertySignatures.find(({ name }) => name === "_tag")?.type
  return tag?._tag === "Literal" ? String(tag.literal) : undefined
}

/**
 * Returns the object node that a value of a union matches: the one with its tag, or the only one; undefined where the value is
 * not an object.
 */
export const objectOf = (shape: Shape, value: Json | undefined): Extract<Shape, { readonly _tag: "Objects" }> | undefined => {
  if (shape._tag === "Objects") return shape
  if (shape._tag !== "Union") return undefined
  const objects = shape.types.flatMap((type) => objectOf(type, value) ?? [])
  const tag = isObject(value) ? value["_tag"] : undefined
  return (
    objects.find((type) => tagOf(type) !== undefined && tagOf(type) === tag) ?? (objects.length === 1 ? objects[0] : undefined)
  )
}

/** Returns the shape of a property of an object; that of all properties where the object takes any names. */
export const propertyOf = (shape: Shape, value: Json | undefined, name: string): Shape | undefined => {
  const object = objectOf(shape, value)
  return object?.propertySignatures.find((property) => property.name === name)?.type ?? object?.indexSignatures[0]?.type
}

/** True where an object takes a name that is not one of its declared properties. */
export const takesAnyName = (shape: Shape, value: Json | undefined, name: string): boolean => {
  const object = objectOf(shape, value)
  return object !== undefined && object.indexSignatures.length > 0 && !object.propertySignatures.some((own) => own.name === name)
}

/** Names of an object's properties, except the tag. */
export const propertyNames = (shape: Shape, value: Json | undefined): readonly string[] =>
  (objectOf(shape, value)?.propertySignatures ?? []).map(({ name }) => String(name)).filter((name) => name !== "_tag")

/** Returns the default value of a property; undefined where it is required or may be absent. */
export const defaultOf = (shape: Shape): Json | undefined => {
  const alone = Schema.Struct({ value: Schema.make<SettingsSchema>(shape) })
  const decoded = Schema.decodeUnknownResult(alone)({})
  return decoded._tag === "Success" ? (decoded.success.value as Json | undefined) : undefined
}

/** True where a value satisfies a node. */
export const accepts = (shape: Shape, value: unknown): boolean =>
  Schema.decodeUnknownResult(Schema.make<SettingsSchema>(shape), { onExcessProperty: "error" })(value)._tag === "Success"

/** Description of a type and a range, e.g. `whole number`, `≥ 1`. */
export interface Described {
  readonly type: string
  readonly range: string
}

const bounds = (schema: JsonObject): string => {
  const largest = schema["maximum"] === Number.MAX_SAFE_INTEGER ? undefined : schema["maximum"]
  const smallest = schema["minimum"] === Number.MIN_SAFE_INTEGER ? undefined : schema["minimum"]
  if (smallest !== undefined && largest !== undefined) return `${smallest} to ${largest}`
  if (smallest !== undefined) return `≥ ${smallest}`
  if (schema["exclusiveMinimum"] !== undefined) return `> ${schema["exclusiveMinimum"]}`
  return largest === undefined ? "" : `≤ ${largest}`
}

const spelled = ({ type, range }: Described): string => (range === "" ? type : `${type} ${range}`)

const describeJson = (schema: JsonObject, definitions: JsonObject): Described => {
  const reference = schema["$ref"]
  if (typeof reference === "string") {
    const name = reference
      .slice(reference.lastIndexOf("/") + 1)
      .replaceAll("~1", "/")
      .replaceAll("~0", "~")
    const found = definitions[name]
    return isObject(found) ? describeJson(found, definitions) : { type: name, range: "" }
  }
  const list = (key: string): readonly JsonObject[] => {
    const found = schema[key]
    return Array.isArray(found) ? found.filter((each: Json) => isObject(each)) : []
  }
  const options = schema["enum"]
  if (Array.isArray(options)) return { type: options.map((option: Json) => JSON.stringify(option)).join(" or "), range: "" }
  if (schema["anyOf"])
    return { type: [...new Set(list("anyOf").map((each) => spelled(describeJson(each, definitions))))].join(" or "), range: "" }
  if (schema["type"] === "array") {
    const items = list("prefixItems")
    const item = schema["items"]
    if (items.length > 0 && !isObject(item))
      return { type: `[${items.map((each) => spelled(describeJson(each, definitions))).join(", ")}]`, range: "" }
    return { type: `list of ${isObject(item) ? spelled(describeJson(item, definitions)) : "anything"}`, range: "" }
  }
  if (schema["type"] === "object") {
    const properties = schema["properties"]
    const tag = isObject(properties) && isObject(properties["_tag"]) ? properties["_tag"]["enum"] : undefined
    if (Array.isArray(tag)) return { type: `object tagged ${JSON.stringify(tag[0])}`, range: "" }
    const names = isObject(properties) ? Object.keys(properties) : []
    return { type: names.length > 0 ? `object of ${names.join(", ")}` : "object", range: "" }
  }
  const names: JsonObject = { integer: "whole number", string: "text", boolean: "true or false" }
  const type = String(schema["type"] ?? "anything")
  return { type: String(names[type] ?? type), range: bounds(schema) }
}

/** Describes the values of a schema's node, from its JSON Schema. */
export const describe = (shape: Shape): Described => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(schemaOf(shape))
  return describeJson(schema as JsonObject, definitions as unknown as JsonObject)
}

/** Describes a type and its range in one phrase, e.g. `whole number ≥ 1`. */
export const expectation = (shape: Shape): string => spelled(describe(shape))
