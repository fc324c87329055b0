/**
 * A sequence of code points as all the packages can agree on it: lower case, no leading zeros, joined by `-`, without the
 * variation selector FE0F, which vendors put or leave out as they like.
 */
export const normaliseCodePoint = (hexcode: string): string =>
  hexcode
    .toLowerCase()
    .split(/[-_ ]/)
    .map((part) => part.replace(/^0+/, ""))
    .filter((part) => part !== "" && part !== "fe0f")
    .join("-")

/** Whether a normalised sequence holds one of the five skin tones (Fitzpatrick modifiers). */
export const hasSkinTone = (codePoint: string): boolean => codePoint.split("-").some((part) => /^1f3f[b-f]$/.test(part))

/** The characters of a normalised sequence (without variation selectors). */
export const characters = (codePoint: string): string =>
  String.fromCodePoint(...codePoint.split("-").map((part) => Number.parseInt(part, 16)))
