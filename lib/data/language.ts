/** Scripts that are distinguished, with the language where a script is used for one alone. */
const scripts = [
  ["Latn", /\p{Script=Latin}/gu],
  ["Cyrl", /\p{Script=Cyrillic}/gu],
  ["Arab", /\p{Script=Arabic}/gu],
  ["Hani", /\p{Script=Han}/gu],
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["ko", /\p{Script=Hangul}/gu],
  ["Deva", /\p{Script=Devanagari}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["th", /\p{Script=Thai}/gu],
  ["bn", /\p{Script=Bengali}/gu],
  ["ta", /\p{Script=Tamil}/gu],
  ["te", /\p{Script=Telugu}/gu],
  ["ka", /\p{Script=Georgian}/gu],
  ["hy", /\p{Script=Armenian}/gu],
  ["am", /\p{Script=Ethiopic}/gu],
  ["km", /\p{Script=Khmer}/gu],
  ["my", /\p{Script=Myanmar}/gu]
] as const

/** Frequent small words by language: one is weak evidence, several of one language are strong. */
const smallWords: Readonly<Record<string, string>> = {
  en: "a an and are at by for from has he her his in is it its of on she some that the their there they this to two up was while who with",
  de: "auf aus bei das dem den der des die ein eine einem einen einer er es für hat im in ist mit nach neben sich sie sind und unter von vor wird zu zwei über",
  fr: "au aux avec ce cette dans de des deux devant du elle en est et il la le les leur pour qui sa se ses son sont sous sur un une à",
  es: "al con de del dos el en es están está hay junto la las los mientras para por que se sin sobre son su sus un una unas unos y",
  it: "al alla che con da dal dei del della delle di due e gli i il in la le lo nel nella per si sono su sul sulla un una uno è",
  pt: "ao as com da das de do dois dos duas e em enquanto está estão na nas no nos o os para pela pelo por que se seu sobre sua um uma",
  nl: "aan bij de die door een en er haar het hij in is met naar naast of om onder op over staat te twee uit van voor wordt zijn zit",
  sv: "att av bredvid den det de en ett för han har hon i med men och om på sig sin som står till två under vid är över",
  da: "af at bag de den der det en er et for fra han har hun i med og om over på sig sin som står til to ved",
  pl: "dla do dwa i jest ma na nad nie o obok od po pod przed przez przy się są to w z za ze że",
  cs: "a do je jsou ke má na nad o od po pod pro před při se si s u v ve z za že",
  tr: "altında bir bu da daha de için ile ve var çok önünde üzerinde yanında iki olan",
  vi: "các có cái của cho con đang được hai không là một người những ở trên trong và với",
  id: "ada dan dari dengan di dua ini itu ke orang pada sebuah sedang seekor seorang untuk yang",
  fi: "edessä ei ja joka kaksi kun kuin niin on ovat se että vieressä yksi"
}

const languagesOf = new Map<string, readonly string[]>()
for (const [language, words] of Object.entries(smallWords))
  for (const word of words.split(" ")) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language])

/** Maximum number of characters of a text that are examined. */
const looked = 2000

/**
 * Returns the language of a text in Latin script by its small words: at least one more of them than of any other, else undefined.
 */
const latinLanguage = (text: string): string | undefined => {
  const votes = new Map<string, number>()
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? [])
    for (const language of languagesOf.get(word) ?? []) votes.set(language, (votes.get(language) ?? 0) + 1)
  const [first, second] = [...votes].sort(([, a], [, b]) => b - a)
  return first !== undefined && first[1] > (second?.[1] ?? 0) ? first[0] : undefined
}

const cyrillicLanguage = (text: string): string | undefined =>
  /[іїєґ]/i.test(text) ? (/[ў]/i.test(text) ? "be" : "uk") : /[ыэё]/i.test(text) ? "ru" : undefined

/**
 * Returns the language of a text: an ISO 639-1 code where its script or its small words identify it, else an ISO 15924 script
 * (`Latn`, `Cyrl`, `Arab`, `Deva`), or `und` for a text without known letters. In a text in several scripts the one with most
 * letters counts, Han with kana as Japanese and without as Chinese (`zh`).
 *
 * A guess, right for most whole sentences of the fifteen known Latin languages; most labels of a word or two remain `Latn`.
 */
export const languageOf = (text: string): string => {
  const start = text.slice(0, looked)
  const counts = new Map<string, number>(scripts.map(([name, letters]) => [name, start.match(letters)?.length ?? 0]))
  const kana = counts.get("ja")!
  if (kana > 0) counts.set("ja", kana + counts.get("Hani")!)
  const [script, most] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), ["und", 0])
  if (most === 0) return "und"
  if (script === "Hani") return "zh"
  const language = script === "Latn" ? latinLanguage(start) : script === "Cyrl" ? cyrillicLanguage(start) : undefined
  return language ?? script
}
