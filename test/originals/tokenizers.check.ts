import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { textToIds } from "../../stages/tokenize/hugging-face/text-to-ids.ts"
import { goldenTexts } from "../golden/tokenizers/texts.ts"
import { originalKinds } from "./downloads.ts"

interface Kind {
  readonly file: object
  readonly ids: ReadonlyArray<readonly number[]>
}
const kinds: { readonly [name: string]: Kind } = JSON.parse(readFileSync(originalKinds(), "utf8"))

describe("the ids of Python's tokenizers for 1,000 texts in 20 scripts, with the original vocabulary", () => {
  for (const [name, { file, ids }] of Object.entries(kinds))
    it(`of ${name}`, () => {
      const { hostContext, encode } = textToIds(file)
      for (const [i, text] of goldenTexts(ids.length, 1).entries())
        assert.deepStrictEqual([...hostContext.before, ...encode(text), ...hostContext.after], ids[i], text)
    })
})
