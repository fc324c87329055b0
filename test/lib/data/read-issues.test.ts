import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../lib/data/open-source.ts"
import { issueLines, issuesOf, joinIssues, readIssues } from "../../../lib/data/read-issues.ts"
import { ReadLists } from "../../../lib/data/sources/read-lists.ts"
import { samplesAt } from "../../../lib/task/subset.ts"
import { folderWith } from "./sources/folder-with.ts"

describe("issues of reading", () => {
  it("are counted by reason with the first place of each, bad ones first, the most frequent first", () => {
    const issues = readIssues()
    issues.ignored(".DS_Store", "a/.DS_Store")
    issues.bad("caption is null", "entry 3")
    for (const entry of [4, 9]) issues.bad("no image", `entry ${entry}`)
    assert.deepStrictEqual(issues.all(), [
      { kind: "bad", reason: "no image", count: 2, first: "entry 4" },
      { kind: "bad", reason: "caption is null", count: 1, first: "entry 3" },
      { kind: "ignored", reason: ".DS_Store", count: 1, first: "a/.DS_Store" }
    ])
    assert.strictEqual(issues.count("bad"), 3)
    assert.deepStrictEqual(issueLines("list.json", issues.all()), [
      "list.json: left out: 2 × no image (entry 4), 1 × caption is null (entry 3)",
      "list.json: ignored: 1 × .DS_Store (a/.DS_Store)"
    ])
  })

  it("keep a bounded number of reasons, and still count all", () => {
    const issues = readIssues()
    for (let i = 0; i < 10_000; i++) issues.bad(`reason ${i}`, `${i}`)
    assert.isBelow(issues.all().length, 40)
    assert.strictEqual(
      issues.all().reduce((sum, { count }) => sum + count, 0),
      10_000
    )
    assert.match(issueLines("x", issues.all())[0]!, /\d+ × other reasons \(32\)/)
  })

  it("refuse data by one budget: more than ten, and more than a hundredth of the entries", () => {
    for (const [bad, entries, refused] of [
      [10, 12, false],
      [11, 12, true],
      [100, 10_000, false],
      [101, 10_000, true]
    ] as const) {
      const issues = readIssues()
      for (let i = 0; i < bad; i++) issues.bad("no image", `entry ${i}`)
      issues.ignored("README", "README", 1_000_000)
      assert.strictEqual(issues.refusal({ entries, used: 1, noun: "entries" }) !== undefined, refused, `${bad} of ${entries}`)
    }
    const issues = readIssues()
    issues.bad("no image", "entry 7", 20)
    assert.strictEqual(
      issues.refusal({ entries: 40, used: 20, noun: "entries", hint: "say where they are" }),
      "20 of 40 entries cannot be used (the limit is 10): 20 × no image (entry 7): say where they are"
    )
  })

  it("of parts are joined, each with its part's name", () => {
    const part = readIssues()
    part.bad("no image", "entry 1")
    const joined = joinIssues(issuesOf("a.json", part.all()), issuesOf("b.json", part.all()))
    assert.deepStrictEqual(joined, [{ kind: "bad", reason: "no image", count: 2, first: "a.json: entry 1" }])
  })

  it.effect("go with a source into mixtures, subsets and other threads", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "a.tsv": "filepath\ttitle\na.jpg\tone\nb.jpg\n",
        "p/b.jpg": "B",
        "p/b.txt": "b",
        "p/c.jpg": "C"
      })
      const [list, images] = [`${folder}/a.tsv`, `${folder}/p`]
      const source = yield* openSource(list)
      assert.deepInclude(source.issues[0], { kind: "bad", count: 1, first: "line 3" })
      assert.deepStrictEqual(samplesAt(source, [0]).issues, source.issues)
      const again = yield* Effect.provideService(openSource(list), ReadLists, structuredClone(source.lists!))
      assert.deepStrictEqual(again.issues, source.issues)
      const mixed = yield* openSource(`${list}*1+${images}*1`)
      assert.deepStrictEqual(
        mixed.issues.map(({ kind, count, first }) => [kind, count, first]),
        [
          ["bad", 1, `${list}: line 3`],
          ["ignored", 1, `${images}: c.jpg`]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
