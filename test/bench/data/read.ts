/**
 * Reading 256-pixel shards to patches against webdataset with torchvision, on the same tars, by the slope of CPU time between two
 * counts of images: `node test/bench/data/read.ts [--counts 1000,5000] [--runs 5]`. Runs are interleaved; medians are compared.
 * Needs test/bench/data/peers/setup-read.sh to have been run.
 *
 * crop: random resized crop (bicubic), flip, normalised float patches. plain: decoded to patches; torchvision's are normalised
 * floats, ours are bytes that the compiled program normalises; bytes: torchvision's without normalising, for comparison.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { NodeServices } from "@effect/platform-node"
import { Effect, Stream } from "effect"
import { releaseBuffer } from "../../../lib/data/host/buffer-pool.ts"
import { runHost, sampleInput } from "../../../lib/data/host/host.ts"
import { noCaches } from "../../../lib/data/host/prepared-cache.ts"
import { openStage } from "../../../lib/data/host/ready-stage.ts"
import { openShardSet } from "../../../lib/data/shards/open-shard-set.ts"
import { key } from "../../../lib/random/key.ts"
import { order } from "../../../lib/random/order.ts"
import { patchify } from "../../../stages/patchify/index.ts"
import { photo } from "./photo.ts"
import { tinySet } from "./tiny-set.ts"

const stages = {
  crop: patchify({ size: 256, patch: 16, kept: 256, augment: { crop: {}, flip: 0.5 } }),
  "crop, accurate": patchify({
    size: 256,
    patch: 16,
    kept: 256,
    decode: { transform: "accurate" },
    augment: { crop: {}, flip: 0.5 }
  }),
  plain: patchify({ size: 256, patch: 16, kept: 256, output: "uint8" }),
  "crop to bytes": patchify({
    size: 256,
    patch: 16,
    kept: 256,
    augment: { crop: {}, flip: 0.5 },
    output: "uint8"
  })
}
type Mode = keyof typeof stages

/** Images in flight: one is decoded while another is cropped. */
const inFlight = 2

const readOurs = (mode: Mode, count: number, folder: string) =>
  Effect.gen(function* () {
    const source = yield* openShardSet(folder)
    const ready = yield* openStage(stages[mode], { openCache: noCaches, corpus: () => Effect.succeed(Stream.empty) })
    const run = key(1)
    const place = order(run, source.count)
    const one = Effect.fnUntraced(function* (at: number) {
      const { epoch, element } = place(at)
      const { patches } = yield* runHost([ready], yield* sampleInput(source, element), { run, epoch })
      if ((patches as Uint8Array).length !== 256 * 768) return yield* Effect.die("other patches")
      // As batches do once they have copied it, and as Python does when the last name of it goes.
      releaseBuffer(patches)
    })
    const all = Array.from({ length: count }, (_, i) => i)
    yield* Effect.forEach(all, one, { concurrency: inFlight, discard: true })
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

const secondsOf = (command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): number => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...environment } })
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(" ")}: ${stderr}`)
  return Number(stdout.trim().split("\n").at(-1))
}

const compare = async (counts: readonly number[], runs: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "semmim-read-"))
  try {
    const images: Buffer[] = []
    for (let number = 0; number < 64; number++) images.push(await photo(number, 256, 256, 95))
    const [low, high] = [Math.min(...counts), Math.max(...counts)]
    tinySet(folder, high, (index) => images[index % images.length]!)
    const tars = readdirSync(folder)
      .filter((name) => name.endsWith(".tar"))
      .sort()
    const paths = tars.map((name) => join(folder, name))
    const peers = new URL("./peers/.venv-read", import.meta.url).pathname
    const python = new URL("../peers/.venv/bin/python", import.meta.url).pathname
    const script = new URL("./read.py", import.meta.url).pathname
    const ours = (mode: Mode) => (count: number) =>
      secondsOf(process.execPath, [import.meta.filename, "--mode", mode, "--counts", String(count), folder])
    const theirs = (mode: string) => (count: number) =>
      secondsOf(python, [script, mode, String(count), ...paths], { PYTHONPATH: peers })
    const sides = {
      "crop: torchvision": theirs("crop"),
      "crop: semmim": ours("crop"),
      "crop to bytes: semmim": ours("crop to bytes"),
      "crop: semmim, accurate": ours("crop, accurate"),
      "plain: torchvision, floats": theirs("plain"),
      "plain: semmim, bytes": ours("plain"),
      "plain: torchvision, bytes": theirs("bytes")
    }
    const slopes = new Map<string, number[]>(Object.keys(sides).map((name) => [name, []]))
    for (let run = 0; run < runs; run++)
      for (const [name, side] of Object.entries(sides)) slopes.get(name)!.push(((side(high) - side(low)) / (high - low)) * 1000)
    for (const [name, all] of slopes) {
      const milliseconds = median(all)
      console.log(
        `${name.padEnd(28)} ${milliseconds.toFixed(3)} ms of CPU an image, ${(1000 / milliseconds).toFixed(0)} a second`
      )
    }
    const ratio = (peer: string, own: string) => (median(slopes.get(peer)!) / median(slopes.get(own)!)).toFixed(2)
    console.log(`crop: ${ratio("crop: torchvision", "crop: semmim")} × webdataset + torchvision`)
    console.log(`plain: ${ratio("plain: torchvision, floats", "plain: semmim, bytes")} × webdataset + torchvision`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    counts: { type: "string", default: "1000,5000" },
    runs: { type: "string", default: "5" },
    mode: { type: "string" }
  }
})
const counts = values.counts.split(",").map(Number)
if (values.mode === undefined) await compare(counts, Number(values.runs))
else console.log(await Effect.runPromise(readOurs(values.mode as Mode, counts[0]!, positionals[0]!)))
