/** What a shard's JSON member says of its sample. */
export interface SampleJson {
  readonly id: string
  readonly group: number
  readonly captions: readonly string[]
  /** Token ids by the identity of the stage that made them. */
  readonly tokens: { readonly [identity: string]: unknown }
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The JSON member's content, or `undefined` where it is none of a sample: an id, a group and at least one caption are needed. */
export const parseSampleJson = (bytes: Uint8Array): SampleJson | undefined => {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (!isObject(json)) return undefined
  const { id, group, captions, tokens } = json
  if (typeof id !== "string" || id === "" || typeof group !== "number" || (group | 0) !== group || group < 0) return undefined
  const texts = Array.isArray(captions) ? captions.filter((text) => typeof text === "string" && text.trim() !== "") : []
  return texts.length === 0 ? undefined : { id, group, captions: texts as string[], tokens: isObject(tokens) ? tokens : {} }
}
