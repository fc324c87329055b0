import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { languageOf } from "../../../lib/data/language.ts"
import { seed } from "../../seed.ts"

describe("languageOf", () => {
  it("tells languages of captions", () => {
    const captions = {
      en: ["a dog on a beach", "Two people are riding their bikes down the street.", "THE CAT IS ON THE MAT"],
      de: ["ein Hund auf der Wiese", "Zwei Männer stehen neben einem roten Auto"],
      fr: ["un chien sur la plage", "Deux enfants jouent avec un ballon dans le jardin"],
      es: ["un perro en el parque", "Dos niños están jugando con una pelota"],
      it: ["un cane sulla spiaggia", "due bambini che giocano con il pallone nel parco"],
      pt: ["um cachorro na praia", "Duas crianças estão brincando com uma bola"],
      nl: ["een hond op het strand", "twee mannen staan naast een rode auto"],
      sv: ["en hund på stranden och två barn är vid vattnet"],
      pl: ["pies na plaży, obok jest dom i dwa drzewa"],
      ru: ["собака бежит по пляжу, и вечер тёплый"],
      uk: ["собака біжить по пляжу"],
      ja: ["犬が砂浜を走っている", "カメラ"],
      zh: ["一只狗在沙滩上奔跑"],
      ko: ["개가 해변에서 달린다"],
      el: ["ένας σκύλος στην παραλία"],
      he: ["כלב רץ על החוף"],
      th: ["สุนัขวิ่งบนชายหาด"]
    }
    for (const [language, texts] of Object.entries(captions))
      for (const text of texts) assert.strictEqual(languageOf(text), language, text)
  })

  it("names the script where it cannot tell, and nothing where there are no letters", () => {
    assert.strictEqual(languageOf("red apple"), "Latn")
    assert.strictEqual(languageOf("كلب على الشاطئ"), "Arab")
    assert.strictEqual(languageOf("समुद्र तट"), "Deva")
    for (const text of ["", "   ", "12:30", "🧑🏽‍🚀", "\u0000", "\ud800"]) assert.strictEqual(languageOf(text), "und")
  })

  it("answers quickly for any text, a megabyte too", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => assert.match(languageOf(text), /^[A-Za-z]{2,4}$/)),
      { seed, numRuns: 200 }
    )
    assert.strictEqual(languageOf("a dog on the mat ".repeat(60_000)), "en")
  })
})
