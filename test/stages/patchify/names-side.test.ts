import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { assert, describe, it } from "@effect/vitest"
import { namesSide } from "../../../stages/patchify/names-side.ts"

const require = createRequire(import.meta.url)
const labels = (language: string): ReadonlyMap<string, string> => {
  const file: ReadonlyArray<{ readonly hexcode: string; readonly label: string }> = JSON.parse(
    readFileSync(require.resolve(`emojibase-data/${language}/data.json`), "utf8")
  )
  return new Map(file.map(({ hexcode, label }) => [hexcode, label]))
}

describe("namesSide", () => {
  it("knows left and right in English, alone and in compounds", () => {
    for (const caption of [
      "Left arrow",
      "person walking: facing right",
      "LEFT-facing fist",
      "rightwards hand",
      "a right-handed man"
    ])
      assert.isTrue(namesSide(caption), caption)
  })

  it("is not misled by words that only hold them", () => {
    for (const caption of ["bright button", "copyright", "leftover pizza", "straight ruler", "frightened", "", "grinning face"])
      assert.isFalse(namesSide(caption), caption)
  })

  it("knows them in the other languages of the embedded data", () => {
    const right = "➡️"
    const english = labels("en")
    const arrows = ["27A1", "2B05"].filter((hexcode) => english.has(hexcode))
    assert.strictEqual(arrows.length, 2, right)
    const languages = "bn da de en en-gb es es-mx et fi fr hi hu it ja ko lt ms nb nl pl pt ru sv th uk vi zh zh-hant".split(" ")
    for (const language of languages) {
      const names = labels(language)
      for (const hexcode of arrows) assert.isTrue(namesSide(names.get(hexcode)!), `${language}: ${names.get(hexcode)}`)
    }
  })

  it("takes few other captions for sides: at most 3 in 100 in any language", () => {
    const english = labels("en")
    for (const language of ["de", "fr", "es", "ru", "vi", "ja", "zh", "ko", "hi"]) {
      const wrong = [...labels(language)].filter(([hexcode, label]) => namesSide(label) && !namesSide(english.get(hexcode)!))
      assert.isAtMost(wrong.length / english.size, 0.03, language)
    }
  })
})
