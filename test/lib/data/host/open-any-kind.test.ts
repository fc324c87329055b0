import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openAnyKind } from "../../../../lib/data/host/open-any-kind.ts"
import { openSource } from "../../../../lib/data/open-source.ts"
import { fieldsOf } from "../../../../lib/data/source.ts"
import { temporaryFolder } from "../../../temporary-folder.ts"

const root = temporaryFolder("kinds")
const list = (name: string, ...entries: readonly unknown[]) => {
  writeFileSync(join(root, name), JSON.stringify(entries))
  return join(root, name)
}

describe("a source of which nobody has said what its samples are", () => {
  it.effect("is told by its content: pairs, questions, labels, texts; and the error is that of pairs", () =>
    Effect.gen(function* () {
      const fieldsIn = (name: string) => Effect.map(openAnyKind(openSource, name), (source) => Object.keys(fieldsOf(source)))
      assert.deepStrictEqual(yield* fieldsIn(list("p.json", { image: "a.png", caption: "x" })), ["image", "captions"])
      const question = { image: "a.png", question: "what", answer: ["this"] }
      assert.deepStrictEqual(yield* fieldsIn(list("q.json", question)), ["image", "question", "answers"])
      assert.deepStrictEqual(yield* fieldsIn(list("l.json", { image: "a.png", label: 3 })), ["image", "label"])
      assert.deepStrictEqual(yield* fieldsIn(list("t.json", { text: "a text" })), ["text"])
      assert.deepStrictEqual(yield* fieldsIn("embedded:emoji-labels"), ["image", "captions", "label"])
      const other = list("o.json", { nothing: 1 })
      const [error, ofPairs] = [yield* Effect.flip(openAnyKind(openSource, other)), yield* Effect.flip(openSource(other))]
      assert.strictEqual(error.message, ofPairs.message)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
