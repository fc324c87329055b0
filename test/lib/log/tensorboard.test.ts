import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs"
import { basename, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { openEvents } from "../../../lib/log/tensorboard.ts"
import { accumulatedSteps } from "./accumulate-events.ts"
import { decodeMessage, decodeRecords, type Message } from "./decode-events.ts"

const message = (from: Message, field: number, index = 0): Message => decodeMessage(from.get(field)![index] as Uint8Array)
const text = (from: Message, field: number): string => new TextDecoder().decode(from.get(field)![0] as Uint8Array)

layer(NodeServices.layer)("openEvents", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const events = (path: string) => decodeRecords(readFileSync(path)).map(decodeMessage)

  it.effect("writes records that TensorBoard's framing and messages describe, each as soon as it is given", () =>
    Effect.gen(function* () {
      const writer = yield* openEvents({ folder: join(yield* folder, "run"), seconds: 1_700_000_000.7, host: "semmim", from: 1 })
      assert.strictEqual(basename(writer.path), "events.out.tfevents.1700000000.semmim")
      assert.strictEqual(events(writer.path).length, 2)
      yield* writer.scalars({ wallTime: 1_700_000_001.5, step: 300 }, { loss: 1.5, "lr/é": Number.NaN })
      const [first, start, second] = events(writer.path) as [Message, Message, Message]
      assert.strictEqual(text(first, 3), "brain.Event:2")
      assert.deepStrictEqual(start.get(2), [1])
      assert.deepStrictEqual(message(start, 7).get(1), [1])
      assert.deepStrictEqual(second.get(1), [1_700_000_001.5])
      assert.deepStrictEqual(second.get(2), [300])
      const [loss, rate] = [message(message(second, 5), 1, 0), message(message(second, 5), 1, 1)]
      assert.strictEqual(text(loss, 1), "loss")
      assert.deepStrictEqual(loss.get(2), [1.5])
      assert.strictEqual(text(rate, 1), "lr/é")
      assert.deepStrictEqual(rate.get(2), [Number.NaN])
    })
  )

  it.effect("writes texts as string tensors of shape [1] for the text plugin, and steps beyond 2^32", () =>
    Effect.gen(function* () {
      const writer = yield* openEvents({ folder: yield* folder, seconds: 5, host: "semmim", from: 1 })
      yield* writer.text({ wallTime: 6, step: 2 ** 40 }, "pipeline", "# a".repeat(100))
      const event = events(writer.path)[2]!
      assert.deepStrictEqual(event.get(2), [2 ** 40])
      const value = message(message(event, 5), 1)
      assert.strictEqual(text(value, 1), "pipeline")
      assert.strictEqual(text(message(message(value, 9), 1), 1), "text")
      const tensor = message(value, 8)
      assert.deepStrictEqual(tensor.get(1), [7])
      assert.deepStrictEqual(message(message(tensor, 2), 2).get(1), [1])
      assert.strictEqual(text(tensor, 8), "# a".repeat(100))
    })
  )

  it.effect("begins files that come later by their names, within a second, on another machine and with a clock set back", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const opened: string[] = []
      for (const [seconds, host] of [...Array(12).fill([99, "b"]), [99, "a b/../c"], [40, "a"], [1e9, "b"], [100, "a"]])
        opened.push(basename((yield* Effect.scoped(openEvents({ folder: inside, seconds, host, from: 0 }))).path))
      assert.deepStrictEqual(readdirSync(inside).toSorted(), opened)
      assert.strictEqual(opened[12], "events.out.tfevents.0000000111.a_b_c")
    })
  )

  it.effect("shows each step once after a kill before the first checkpoint, and two after another", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const steps = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
      const process = (resumed: number, last: number) =>
        Effect.gen(function* () {
          const from = resumed === 0 ? 0 : resumed + 1
          const writer = yield* openEvents({ folder: inside, seconds: 7, host: "semmim", from })
          for (const step of steps(resumed + 1, last)) yield* writer.scalars({ wallTime: step, step }, { loss: step, lr: 1 })
          return writer.path
        }).pipe(Effect.scoped)
      yield* process(0, 14)
      const killed = yield* process(0, 38)
      // It was in the middle of writing a record.
      truncateSync(killed, statSync(killed).size - 5)
      yield* process(20, 33)
      yield* process(20, 45)
      assert.deepStrictEqual(accumulatedSteps(inside).get("loss"), steps(1, 45))
      assert.deepStrictEqual(accumulatedSteps(inside).get("lr"), steps(1, 45))
    })
  )

  it.effect("keeps records whole when several are written at once", () =>
    Effect.gen(function* () {
      const writer = yield* openEvents({ folder: yield* folder, seconds: 1, host: "semmim", from: 1 })
      const steps = Array.from({ length: 50 }, (_, step) => step)
      yield* Effect.forEach(steps, (step) => writer.scalars({ wallTime: 1, step }, { x: step }), { concurrency: 10 })
      const written = events(writer.path)
        .slice(2)
        .map((event) => (event.get(2) as ReadonlyArray<number>)[0])
      assert.deepStrictEqual(written, steps)
    })
  )

  it.effect("refuses a step that is not a count, and a folder that is a file", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const writer = yield* openEvents({ folder: inside, seconds: 1, host: "semmim", from: 1 })
      const error = yield* Effect.flip(writer.scalars({ wallTime: 1, step: -1 }, {}))
      assert.strictEqual(error.message, `${writer.path}: the step -1 is not a whole number ≥ 0`)
      const blocked = yield* Effect.flip(openEvents({ folder: writer.path, seconds: 1, host: "semmim", from: 1 }))
      assert.include(blocked.message, `${writer.path}: EEXIST`)
    })
  )
})
