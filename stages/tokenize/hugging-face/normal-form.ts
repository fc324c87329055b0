import { classes } from "./unicode.ts"

const unknown = new RegExp(`[${classes.notNormalized}]`, "v")
const aroundUnknown = new RegExp(`([${classes.notNormalized}])`, "v")
const plain = /^[\0-\x7f]*$/

/** A normal form of Unicode 9: what is newer stays as it is, and nothing is composed with it. */
export const normalForm = (form: "NFC" | "NFD" | "NFKC" | "NFKD", text: string): string => {
  if (plain.test(text)) return text
  if (!unknown.test(text)) return text.normalize(form)
  return text
    .split(aroundUnknown)
    .map((part, i) => (i % 2 === 1 ? part : part.normalize(form)))
    .join("")
}

/** Small letters, one by one: a sigma at the end of a word is a sigma like the others. */
export const lowercase = (text: string): string =>
  text.includes("Σ") ? Array.from(text, (character) => character.toLowerCase()).join("") : text.toLowerCase()
