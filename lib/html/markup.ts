/** Text that is already markup; all other text is escaped on insertion. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | false | readonly Part[]

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** Escapes text for use between tags and in quoted attributes. */
export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

const spell = (part: Part): string => {
  if (part === undefined || part === false) return ""
  if (typeof part === "string") return escapeText(part)
  if (typeof part === "number") return String(part)
  if ("markup" in part) return part.markup
  return part.map(spell).join("")
}

/**
 * Builds markup from a template: inserted values are escaped unless they are markup; lists are joined, `false` and `undefined`
 * are omitted.
 */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.map((text, i) => text + (i < parts.length ? spell(parts[i]) : "")).join("")
})

/** Marks text as markup. */
export const raw = (markup: string): Markup => ({ markup })
