/**
 * Words for left and right, by language, as regular expressions over whole words in lower case (alphabets) or anywhere (scripts
 * written without spaces). Words with other meanings are included: an image not mirrored costs little.
 */
const words: Readonly<Record<string, string>> = {
  en: "(?:left|right)(?:s|wards?|most|ies|-?hand(?:ed)?|-?facing)?",
  de: "(?:links|rechts)\\p{L}*|(?:linke|rechte)[mnrs]?",
  nl: "(?:links|rechts)\\p{L}*|(?:linker|rechter)\\p{L}*|linkse|rechtse",
  "da nb": "venstre\\p{L}*|højre\\p{L}*|høyre\\p{L}*",
  sv: "vänster\\p{L}*|vänstra|höger\\p{L}*|högra",
  fi: "(?:ylä|ala)?(?:vasem\\p{L}*|vasen|oike[aiu]\\p{L}*)",
  et: "vasak\\p{L}*|vasem\\p{L}*|parem\\p{L}*",
  hu: "bal|balra|bal(?:ról|oldal\\p{L}*)|jobb|jobbra|jobb(?:ról|oldal\\p{L}*)",
  lt: "kair\\p{L}*|dešin\\p{L}*",
  fr: "gauches?|droite?s?",
  es: "izquierd[ao]s?|derech[ao]s?",
  pt: "esquerd[ao]s?|direit[ao]s?",
  it: "sinistr[aeio]|destr[aeio]",
  pl: "lew[aeoąy]\\p{L}*|lewo|praw[aeoąy]\\p{L}*|prawo",
  ru: "(?:на|в|с)?(?:лев|прав)(?:о|а|ый|ая|ое|ой|ую|ого|ому|ом|ым|ые|ых|ыми)",
  uk: "(?:на|в|у|з)?(?:лів|прав)(?:о|а|ий|е|ої|у|ою|ого|ому|им|і|их|ими|оруч|обіч)",
  "ms id": "kiri|kanan",
  vi: "trái(?! tim| cây)|phải",
  hi: "बाए\\p{M}*|बाई\\p{M}*|बाया\\p{M}*|बायीं|बायें|दाए\\p{M}*|दाई\\p{M}*|दाया\\p{M}*|दायीं|दायें|दाहिन\\p{M}*",
  bn: "বাম[\\p{L}\\p{M}]*|বাঁ(?:য়ে|দিক[\\p{L}\\p{M}]*)?|ডান(?:ে|দিক[\\p{L}\\p{M}]*)?",
  ar: "(?:ال)?يسار|(?:ال)?يمين|(?:ال)?أيسر|(?:ال)?أيمن|(?:ال)?يسرى|(?:ال)?يمنى"
}

/** Chinese and Japanese, Korean, Thai: no spaces around the word. */
const anywhere = "[左右]|왼|오른|좌측|우측|좌향|우향|좌우|ซ้าย|ขวา"

const pattern = new RegExp(`(?<![\\p{L}\\p{M}])(?:${Object.values(words).join("|")})(?![\\p{L}\\p{M}])|${anywhere}`, "u")

/**
 * True where a caption mentions left or right, so that its image must not be mirrored: in the languages of the embedded data, and
 * Arabic and Indonesian.
 */
export const namesSide = (caption: string): boolean => pattern.test(caption.normalize("NFC").toLowerCase())
