import { classes } from "./unicode.ts"

const unknown = new RegExp(`[${classes.notNormalized}]`, "v")
const aroundUnknown = new RegExp(`([${classes.notNormalized}])`, "v")
const plain = /^[\0-\x7f]*$/

/** Normal form of Unicode 9: characters added later stay unchanged, and nothing is composed with them. */
export const normalForm = (form: "NFC" | "NFD" | "NFKC" | "NFKD", text: string): string => {
  if (plain.test(text)) return text
  if (!unknown.test(text)) return text.normalize(form)
  return text
    .split(aroundUnknown)
    .map((part, i) => (i % 2 === 1 ? part : part.normalize(form)))
    .join("")
}

/** Lower-cases character by character: a sigma at the end of a word is treated like any other. */
export const lowercase = (text: string): string =>
  text.includes("Σ") ? Array.from(text, (character) => character.toLowerCase()).join("") : text.toLowerCase()
