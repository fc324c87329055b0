import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type RecordedTensor, recorded } from "../../../lib/explain/recorded.ts"
import { runStage } from "../../../lib/explain/run-stage.ts"
import { momentum } from "../../../lib/pipeline/with-weights.ts"
import { derive, drawKey, key } from "../../../lib/random/key.ts"
import { normal } from "../../../lib/random/normal.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { weigh } from "../../toy/weigh.ts"

const weighing = weigh({ scales: { name: "scales", width: 2 } })
const input = { letters: recorded("int32", [3, 1], [1, 2, 3]) }
const numbers = (value: unknown) => [...(value as RecordedTensor).data]

layer(NodeServices.layer)("runStage", (it) => {
  it.effect("runs a host stage on one sample, with a key or without", () =>
    Effect.gen(function* () {
      const stage = letters({ count: 3 })
      const sample = { captions: ["abc", "xyz"] }
      const { outputs, digest } = yield* runStage(stage, sample, null)
      assert.deepStrictEqual(outputs, { letters: recorded("int32", [3], [97, 98, 99]), caption: "abc" })
      assert.strictEqual(digest, (yield* runStage(stage, sample, null)).digest)
      assert.deepStrictEqual(yield* runStage(stage, sample, key(3)), yield* runStage(stage, sample, key(3)))
    })
  )

  it.effect("runs a tensor stage with parameters and noise that come from the key", () =>
    Effect.gen(function* () {
      const { outputs } = yield* runStage(weighing, input, key(3))
      const weight = normal(derive(derive(key(3), "initial"), "scales.weight"), 2)
      const shake = (i: number) => uniform(drawKey(key(3), { epoch: 0, sample: String(i), stage: "weigh", purpose: "shake" }), 2)
      const expected = [1, 2, 3].flatMap((x, i) => [...weight].map((w, j) => Math.fround(Math.fround(x * w) + shake(i)[j]!)))
      assert.deepStrictEqual(numbers(outputs["weights"]), expected)
    })
  )

  it.effect("takes parameters and noise from the input where it has them", () =>
    Effect.gen(function* () {
      const given = {
        ...input,
        "parameter/scales.weight": recorded("float32", [2, 1], [10, 100]),
        "noise/shake": recorded("float32", [3, 2], [0, 0, 0, 0, 0, 1])
      }
      const { outputs } = yield* runStage(weighing, given, key(0))
      assert.deepStrictEqual(numbers(outputs["weights"]), [10, 100, 20, 200, 30, 301])
      const { outputs: judged } = yield* runStage(judge(), { weights: recorded("float32", [1, 2], [1, 3]) }, key(0))
      assert.deepStrictEqual(numbers(judged["loss/weight"]), [5])
    })
  )

  it.effect("runs a stage with momentum on the teacher's parameters", () =>
    Effect.gen(function* () {
      const given = {
        ...input,
        "teacher/scales.weight": recorded("float32", [2, 1], [10, 100]),
        "noise/shake": recorded("float32", [3, 2], [0, 0, 0, 0, 0, 0])
      }
      const { outputs } = yield* runStage(momentum(weighing), given, key(0))
      assert.deepStrictEqual(numbers(outputs["teacher.weights"]), [10, 100, 20, 200, 30, 300])
    })
  )

  it.effect("says in one line what is missing or of the wrong shape", () =>
    Effect.gen(function* () {
      const problem = (...given: Parameters<typeof runStage>) =>
        Effect.map(Effect.flip(runStage(...given)), ({ message }) => message)
      assert.strictEqual(
        yield* problem(letters({ count: 3 }), {}, null),
        "letters: letters reads 'captions', which is not in the input"
      )
      assert.strictEqual(
        yield* problem(weighing, {}, key(0)),
        "weigh: weigh reads 'letters' (int32[batch, letters]), which is not in the input"
      )
      assert.strictEqual(yield* problem(weighing, input, null), "weigh: weigh needs a key: its parameters and noise come from it")
      const short = { ...input, "noise/shake": recorded("float32", [1], [0]) }
      assert.strictEqual(yield* problem(weighing, short, key(0)), "weigh: 'noise/shake' has 1 numbers for [3, 2]")
      const wide = { letters: recorded("float32", [3, 1], [1, 2, 3]) }
      assert.match(
        yield* problem(weighing, wide, key(0)),
        /^weigh: weigh reads 'letters', which should be int32\[batch, letters\]/
      )
      const unreadable = yield* problem(letters({ count: 3 }), { captions: ["unreadable"] }, null)
      assert.strictEqual(unreadable, "sample recorded: unreadable(toy)")
    })
  )
})
