/**
 * Normalises a sequence of code points to a form common to all the packages: lower case, no leading zeros, joined by `-`, without
 * the variation selector FE0F, which vendors add or omit at will.
 */
export const normaliseCodePoint = (hexcode: string): string =>
  hexcode
    .toLowerCase()
    .split(/[-_ ]/)
    .map((part) => part.replace(/^0+/, ""))
    .filter((part) => part !== "" && part !== "fe0f")
    .join("-")

/** True where a normalised sequence has one of the five skin tones (Fitzpatrick modifiers). */
export const hasSkinTone = (codePoint: string): boolean => codePoint.split("-").some((part) => /^1f3f[b-f]$/.test(part))

/** Returns the characters of a normalised sequence (without variation selectors). */
export const characters = (codePoint: string): string =>
  String.fromCodePoint(...codePoint.split("-").map((part) => Number.parseInt(part, 16)))
