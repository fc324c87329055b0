import { appendFileSync, mkdirSync, readFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import {
  appendMetrics,
  formatLine,
  type MetricsLine,
  metricsFile,
  readMetrics,
  truncateMetrics
} from "../../../lib/run-folder/metrics.ts"
import { crashingDisk } from "../store/failing-disk.ts"

const line = (step: number, more: Readonly<Record<string, number>> = {}): MetricsLine => ({
  ...{ step, epoch: 0, lr: 1e-4, loss: 1 / 3, samplesPerSecond: 1, stepSeconds: 1, dataSeconds: 0 },
  ...more
})

layer(NodeServices.layer)("metrics.jsonl", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const stepsIn = (run: string) => Effect.map(readMetrics(run), (lines) => lines.map(({ step }) => step))

  it.effect("has a line per step, its numbers to seven digits", () =>
    Effect.gen(function* () {
      const run = yield* folder
      for (const step of [1, 2]) yield* appendMetrics(run, line(step, { itm: 2 }))
      assert.deepStrictEqual(
        (yield* readMetrics(run)).map(({ step, loss, itm }) => [step, loss, itm]),
        [
          [1, 0.3333333, 2],
          [2, 0.3333333, 2]
        ]
      )
    })
  )

  it.effect("has null for what is not finite, and keeps it", () =>
    Effect.gen(function* () {
      const run = yield* folder
      assert.include(formatLine(line(1, { itm: Number.NaN })), '"itm":null')
      yield* appendMetrics(run, line(1, { itm: Number.POSITIVE_INFINITY }))
      const before = readFileSync(metricsFile(run), "utf8")
      yield* truncateMetrics(run, 1)
      assert.strictEqual(readFileSync(metricsFile(run), "utf8"), before)
    })
  )

  it.effect("is empty where there is none, and loses a torn last line", () =>
    Effect.gen(function* () {
      const run = yield* folder
      assert.deepStrictEqual(yield* readMetrics(run), [])
      for (const step of [1, 2]) yield* appendMetrics(run, line(step))
      const [text, last] = [readFileSync(metricsFile(run), "utf8"), formatLine(line(3))]
      for (let length = 1; length < last.length; length += 7) {
        appendFileSync(metricsFile(run), last.slice(0, length))
        assert.deepStrictEqual(yield* stepsIn(run), [1, 2])
        yield* truncateMetrics(run, 2)
        assert.strictEqual(readFileSync(metricsFile(run), "utf8"), text)
      }
    })
  )

  it.effect("drops the lines after a step", () =>
    Effect.gen(function* () {
      const run = yield* folder
      for (const step of [1, 2, 3, 4]) yield* appendMetrics(run, line(step))
      yield* truncateMetrics(run, 2)
      assert.deepStrictEqual(yield* stepsIn(run), [1, 2])
      yield* truncateMetrics(run, 0)
      assert.deepStrictEqual(yield* stepsIn(run), [])
    })
  )

  it.effect("has the old lines or the new ones wherever the disk stops", () =>
    Effect.gen(function* () {
      for (let last = 1, crashed = true; crashed; last++) {
        const run = yield* folder
        for (const step of [1, 2, 3]) yield* appendMetrics(run, line(step))
        const disk = crashingDisk(last)
        const exit = yield* Effect.exit(
          Effect.andThen(truncateMetrics(run, 2), appendMetrics(run, line(3, { itm: 1 }))).pipe(
            Effect.provide(disk.layer, { local: true })
          )
        )
        crashed = disk.crashed()
        assert.strictEqual(Exit.isSuccess(exit), !crashed)
        const found = (yield* readMetrics(run)).map(({ step, itm }) => `${step}${itm === undefined ? "" : "!"}`).join(" ")
        assert.include(crashed ? ["1 2 3", "1 2"] : ["1 2 3!"], found, `change ${last}`)
      }
    })
  )

  it.effect("names a file that cannot be read or written", () =>
    Effect.gen(function* () {
      const run = yield* folder
      mkdirSync(metricsFile(run))
      assert.match((yield* Effect.flip(appendMetrics(run, line(1)))).message, /metrics\.jsonl: EISDIR: [^\n]+$/)
      assert.match((yield* Effect.flip(readMetrics(run))).message, /metrics\.jsonl: EISDIR: [^\n]+$/)
    })
  )
})
