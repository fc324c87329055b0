/**
 * Measures the cost of a sample in `semmim prepare` as a source grows: images of 96 × 72 decoded, scaled to 64 and stored, by two threads.
 * `node test/bench/data/scale-prepare.ts [COUNT …]`, 10,000 and 100,000 unless given; one line of JSON each. Needs 12 KB of disk a
 * sample, in the system's temporary folder.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { prepareTiny } from "../../lib/prepare/prepared.ts"
import { photo } from "./photo.ts"
import { tinySet } from "./tiny-set.ts"

const [mode, root, number] = process.argv.slice(2)
if (mode === "measure") {
  const count = Number(number)
  const started = performance.now()
  const settings = { size: 64, shardSize: 1000 }
  const made = prepareTiny(join(root!, "source"), join(root!, "prepared"), settings, 2)
  const { set } = await Effect.runPromise(Effect.provide(made, NodeServices.layer))
  if (set.counts.samples !== count) throw new Error(`scale: ${set.counts.samples} samples of ${count}`)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(
    JSON.stringify({
      samples: count,
      cpuMicrosPerSample: Math.round((userCPUTime + systemCPUTime) / count),
      seconds: Math.round((performance.now() - started) / 1000),
      peakMegabytes: Math.round(maxRSS / 1024)
    })
  )
} else {
  const images: Buffer[] = []
  for (let n = 0; n < 64; n++) images.push(await photo(n, 96, 72, 90))
  const counts = process.argv.slice(2).map(Number)
  for (const count of counts.length > 0 ? counts : [10_000, 100_000]) {
    const folder = mkdtempSync(join(tmpdir(), "semmim-scale-"))
    try {
      tinySet(join(folder, "source"), count, (index) => images[index % images.length]!)
      const argv = [import.meta.filename, "measure", folder, String(count)]
      const { status } = spawnSync(process.execPath, argv, { stdio: "inherit" })
      if (status !== 0) throw new Error(`scale: ${count} samples: status ${status}`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
