/** The captions of a text: a line each, blank ones left out. Bytes that are no UTF-8 are U+FFFD. */
export const linesOf = (bytes: Uint8Array): readonly string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")

/** Members of a JSON object that hold its captions, where none is named: a text or a list of texts. */
const captionMembers: readonly string[] = ["captions", "caption", "text"]

/**
 * The captions in a JSON object: of the member of some name, or else of the first of `captions`, `caption` and `text` that has any.
 * Only the object's own members count, so that a `__proto__` in the text changes nothing; none where the text is no such object.
 */
export const captionsOfJson = (bytes: Uint8Array, named?: string): readonly string[] => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return []
  }
  if (typeof value !== "object" || value === null) return []
  const members = new Map<string, unknown>(Object.entries(value))
  for (const member of named === undefined ? captionMembers : [named]) {
    const found = members.get(member)
    const texts = Array.isArray(found) ? found : [found]
    const kept = texts.filter((text): text is string => typeof text === "string" && text.trim() !== "")
    if (kept.length > 0) return kept
  }
  return []
}
