/** Shapes by name, of a model or of a file. */
export interface Shapes {
  readonly [name: string]: readonly number[]
}

/** Differences between a file's tensors and the expected ones. */
export interface NameFaults {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  /** `NAME is [2, 3], expected [3, 3]` */
  readonly misshapen: readonly string[]
}

/** Compares names and shapes. */
export const nameFaults = (wanted: Shapes, found: Shapes): NameFaults => ({
  missing: Object.keys(wanted).filter((name) => !Object.hasOwn(found, name)),
  unexpected: Object.keys(found).filter((name) => !Object.hasOwn(wanted, name)),
  misshapen: Object.entries(wanted).flatMap(([name, shape]) => {
    const other = Object.hasOwn(found, name) ? found[name]! : shape
    return `${other}` === `${shape}` ? [] : [`${name} is [${other.join(", ")}], expected [${shape.join(", ")}]`]
  })
})

const shown = 4

const list = (what: string, items: readonly string[]): readonly string[] => {
  if (items.length === 0) return []
  const more = items.length > shown ? ` and ${items.length - shown} more` : ""
  return [`${items.length} ${what}: ${items.slice(0, shown).join(", ")}${more}`]
}

/** Formats all differences as one sentence, missing, unexpected and wrongly shaped together; undefined where there is none. */
export const faultSentence = ({ missing, unexpected, misshapen }: NameFaults): string | undefined => {
  const parts = [...list("missing", missing), ...list("unexpected", unexpected), ...list("misshapen", misshapen)]
  return parts.length === 0 ? undefined : parts.join("; ")
}
