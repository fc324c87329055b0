/**
 * Measures the cost of a sample as a shard set grows: opening it, its order, reading it whole in that order, and resuming in its middle.
 * Images are passed through undecoded. `node test/bench/data/scale.ts [COUNT …]`, 10,000, 100,000 and 1,000,000 unless given;
 * one line of JSON each. Needs 3 KB of disk a sample, in the system's temporary folder.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { sampleInput } from "../../../lib/data/host/host.ts"
import { openShardSet } from "../../../lib/data/shards/open-shard-set.ts"
import type { Source } from "../../../lib/data/source.ts"
import { key } from "../../../lib/random/key.ts"
import { order } from "../../../lib/random/order.ts"
import { tinySet } from "./tiny-set.ts"

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** CPU seconds that a step takes, and what it gives. */
const timed = <A, E>(step: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const before = cpu()
    const value = yield* step
    return { value, seconds: cpu() - before }
  })

/** Reads `count` samples from global index `from` on, eight at a time; gives the digits of their ids, added up. */
const read = Effect.fnUntraced(function* (source: Source, from: number, count: number) {
  const place = order(key(1), source.count, source.blocks)
  let sum = 0
  const one = Effect.fnUntraced(function* (at: number) {
    const input = yield* sampleInput(source, place(at).element)
    const { image } = yield* input.raw
    if (image.length !== 200) return yield* Effect.die(`sample ${input.id} has ${image.length} bytes`)
    sum += Number(/\d+/.exec(input.id)![0])
  })
  for (let at = from; at < from + count; at += 512) {
    const length = Math.min(512, from + count - at)
    yield* Effect.forEach(
      Array.from({ length }, (_, i) => at + i),
      one,
      { concurrency: 8, discard: true }
    )
  }
  return sum
})

const measure = Effect.fnUntraced(function* (folder: string, count: number, byBlocks: boolean) {
  const opened = yield* timed(openShardSet(folder, { byBlocks }))
  const source = opened.value
  const ordered = yield* timed(
    Effect.sync(() => {
      const place = order(key(1), count, source.blocks)
      const seen = new Uint8Array(count)
      for (let g = 0; g < count; g++) seen[place(g).element] = 1
      return seen.every((each) => each === 1)
    })
  )
  if (!ordered.value) return yield* Effect.die("the order left out a sample")
  const whole = yield* timed(read(source, 0, count))
  if (whole.value !== (count * (count - 1)) / 2) return yield* Effect.die("a sample was not read once")
  const resumed = yield* timed(
    Effect.gen(function* () {
      const again = yield* openShardSet(folder, { byBlocks })
      yield* read(again, Math.floor(count / 2), 256)
    })
  )
  const micros = (seconds: number) => Number(((seconds / count) * 1e6).toFixed(2))
  return {
    samples: count,
    order: byBlocks ? "by blocks" : "all",
    openMilliseconds: Math.round(opened.seconds * 1000),
    orderMicrosPerSample: micros(ordered.seconds),
    readMicrosPerSample: micros(whole.seconds),
    resumeMilliseconds: Math.round(resumed.seconds * 1000),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024)
  }
})

const [mode, folder, count] = process.argv.slice(2)
if (mode === "all" || mode === "by-blocks") {
  // Only here, in a process of its own: the peak of memory is that of one set.
  console.log(JSON.stringify(await Effect.runPromise(measure(folder!, Number(count), mode === "by-blocks"))))
} else {
  const counts = process.argv.slice(2).map(Number)
  const root = mkdtempSync(join(tmpdir(), "semmim-scale-"))
  try {
    for (const each of counts.length > 0 ? counts : [10_000, 100_000, 1_000_000]) {
      const set = join(root, String(each))
      tinySet(set, each)
      for (const order of ["all", "by-blocks"]) {
        const { status } = spawnSync(process.execPath, [import.meta.filename, order, set, String(each)], { stdio: "inherit" })
        if (status !== 0) throw new Error(`scale: ${each} samples, ${order}: status ${status}`)
      }
      rmSync(set, { recursive: true })
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
