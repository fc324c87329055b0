import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { textToIds } from "../../../../stages/tokenize/hugging-face/text-to-ids.ts"
import { type GoldenKind, mismatches } from "../../../golden/tokenizers/mismatches.ts"

const file = new URL("../../../golden/tokenizer-kinds.json.gz", import.meta.url)
const kinds: { readonly [name: string]: GoldenKind } = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"))

describe("a tokenizer gives the ids of Python's tokenizers for 1,000 texts in 20 scripts", () => {
  for (const [name, golden] of Object.entries(kinds))
    it(name, () => {
      assert.deepStrictEqual(mismatches(textToIds(golden.file), golden).slice(0, 3), [])
    })
})
