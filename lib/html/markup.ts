/** Text that is markup already; everything else is escaped when it is put into markup. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | undefined | false | readonly Part[]

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** Text as it may stand between tags and in quoted attributes. */
export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

const spell = (part: Part): string => {
  if (part === undefined || part === false) return ""
  if (typeof part === "string") return escapeText(part)
  if (typeof part === "number") return String(part)
  if ("markup" in part) return part.markup
  return part.map(spell).join("")
}

/** Markup from a template: what is put in is escaped unless it is markup; lists are joined, `false` and `undefined` are nothing. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.map((text, i) => text + (i < parts.length ? spell(parts[i]) : "")).join("")
})

/** Text that is known to be markup. */
export const raw = (markup: string): Markup => ({ markup })
