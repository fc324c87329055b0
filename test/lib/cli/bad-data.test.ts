import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { animated, bomb, goodPairs, image } from "./odd-images.ts"
import { type Body, listOf, tinyRun } from "./tiny-run.ts"

const test = (name: string, body: Body) => it.live(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("odd data that can be trained on", () => {
  test(
    "captions empty, of a megabyte, right to left, of emoji, and of what is no text",
    Effect.gen(function* () {
      const captions = [
        "ריבוע אדום قطعة حمراء",
        "🧑🏽‍🚀🏳️‍🌈❤️",
        "long ".repeat(209_716),
        "x".repeat(1_048_576),
        "\ud800 lone \u0000 control \u202e reversed",
        "a plain one"
      ]
      const images = yield* goodPairs(captions.length + 2)
      const list = yield* listOf(images.map(([name, bytes], i) => [name, bytes, captions[i] ?? (i % 2 === 0 ? "" : " \t\n")]))
      const { status, line, folder } = yield* tinyRun(3, "--data", list)
      assert.strictEqual(status, 0, line)
      assert.strictEqual(readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n").length, 3)
    })
  )

  test(
    "fewer pairs than a batch, of one group, of two, or of one pair alone",
    Effect.gen(function* () {
      for (const count of [1, 2, 3]) {
        const list = yield* listOf(yield* goodPairs(count))
        const { status, line, folder } = yield* tinyRun(2, "--data", list, "--set", "batch=5")
        assert.strictEqual(status, 0, line)
        const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n")
        for (const each of lines) assert.isNumber(JSON.parse(each).itm)
      }
    })
  )

  test(
    "images with the name of another format",
    Effect.gen(function* () {
      const list = yield* listOf([
        ["a.jpg", yield* image(10), "a png"],
        ["b.png", yield* image(60, "webp"), "a webp"],
        ["c.webp", yield* image(90, "jpeg"), "a jpeg"]
      ])
      const { status, line } = yield* tinyRun(1, "--data", list, "--set", "batch=3")
      assert.strictEqual(status, 0, line)
    })
  )
})

describe("images that cannot be used", () => {
  const bad = Effect.gen(function* () {
    const whole = yield* image(33)
    return [
      ["absent.png", null, "not there", "unreadable"],
      ["animated.webp", yield* animated, "moves", "animated(2 frames)"],
      ["bomb.png", bomb(), "black", "too-many-pixels(20000×20000)"],
      ["cut.png", whole.subarray(0, whole.length >> 1), "half", "truncated"],
      ["drawing.png", '<svg xmlns="http://www.w3.org/2000/svg"/>', "svg", "unsupported-format(markup)"],
      ["nothing.png", "", "nothing", "empty"],
      ["text.jpg", "this is a text, not an image", "text", "unsupported-format(unknown)"]
    ] as const
  })
  const entries = (rows: ReadonlyArray<readonly [string, Buffer | string | null, string, ...unknown[]]>) =>
    rows.map(([name, bytes, caption]) => [name, bytes, caption] as const)

  test(
    "are left out, each named once with its reason, and the rest is trained on",
    Effect.gen(function* () {
      const rows = yield* bad
      const list = yield* listOf([...entries(rows), ...(yield* goodPairs(5))])
      const { status, line, said } = yield* tinyRun(6, "--data", list)
      assert.strictEqual(status, 0, line)
      for (const [name, , , reason] of rows)
        assert.strictEqual(said.split(`warn: sample ${name} is left out: ${reason}`).length, 2, `${name}: ${said}`)
      assert.notInclude(said, "sample good")
    })
  )

  test(
    "stop a run when they are too many, with counts and reasons in one line",
    Effect.gen(function* () {
      const broken = Array.from({ length: 12 }, (_, i) => [`broken${i}.png`, "no image", "broken"] as const)
      const list = yield* listOf([...broken, ...(yield* goodPairs(8))])
      const { status, line, folder } = yield* tinyRun(20, "--data", list)
      assert.strictEqual(status, 1)
      assert.match(
        line,
        /^semmim: data: \d+ samples could not be used \(of 20 in epoch 0; the limit is 10\): \d+ × unsupported-format \(broken\d+\.png: unknown\)$/
      )
      const checkpoints = join(folder, "checkpoints")
      for (const name of existsSync(checkpoints) ? readdirSync(checkpoints) : []) assert.match(name, /^step-\d+$/)
      const all = yield* tinyRun(1, "--data", yield* listOf(broken.slice(0, 3)))
      assert.strictEqual(all.status, 1)
      assert.match(
        all.line,
        /^semmim: data: 3 samples could not be used \(of 3, after 100 tries in a row for batch 0\): 3 × unsupported-format/
      )
    })
  )
})
