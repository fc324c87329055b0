// Kills `semmim prepare` at random moments and starts it again: `node test/bench/data/kill.ts [--kills 50] [--seed 1]`. Ends with
// status 1 unless every folder ends with the bytes of an undisturbed run and each sample is in one shard or in quarantine.
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { imageFolder } from "../../lib/prepare/images.ts"
import { moment, prepareProcess } from "../../lib/prepare/killed.ts"
import { digests, jsonLines, samplesIn } from "../../lib/prepare/prepared.ts"
import { temporaryRoot } from "../../lib/prepare/root.ts"

const { values } = parseArgs({
  options: { kills: { type: "string", default: "50" }, seed: { type: "string", default: "1" } }
})
const kills = Number(values.kills)
const seed = Number(values.seed)
const samples = 40
const killsPerFolder = 5

const root = temporaryRoot("kill")
const data = await imageFolder(join(root, "data"), samples)
// Every fifth is no image, and two are copies: quarantine and duplicates must end the same too.
for (let i = 3; i < samples; i += 5) writeFileSync(join(data, `p${String(i).padStart(4, "0")}.jpg`), "no image")
const common = ["tiny", "--data", data, "--cache", join(root, "cache"), "--size", "24", "--shard-size", "5", "--workers", "2"]
const argv = [...common, "--dedupe", "exact", "--split", "val=0.2"]

const fail = (what: string): never => {
  process.stderr.write(`kill: ${what}; ${root} is kept\n`)
  process.exit(1)
}

const whole = join(root, "whole")
const { status, err, seen } = await prepareProcess(argv, whole)
if (status !== 0) fail(err)
const expected = JSON.stringify(digests(whole))
const everywhere = [whole, join(whole, "val")]
const indices: number[] = []
for (const folder of everywhere) {
  indices.push(...(await samplesIn(folder)).map(({ index }) => index))
  indices.push(...jsonLines<{ index: number }>(join(folder, "quarantine.jsonl")).map(({ index }) => index))
}
if (indices.sort((a, b) => a - b).join() !== Array.from({ length: samples }, (_, i) => i).join())
  fail("a sample is lost or twice there")

let killed = 0
let folders = 0
for (let n = 0; killed < kills; folders++) {
  const out = join(root, `killed-${folders}`)
  for (let k = 0; k < killsPerFolder && killed < kills; k++) {
    // A process that goes on has less to do: later moments are drawn earlier, so that most processes do not reach their end.
    const ended = await prepareProcess(argv, out, moment(seed, n++, Math.max(8, Math.floor(seen / (k + 1)))))
    if (ended.killed) killed++
    else if (ended.status !== 0) fail(ended.err)
  }
  const last = await prepareProcess(argv, out)
  if (last.status !== 0) fail(last.err)
  if (JSON.stringify(digests(out)) !== expected) fail(`${out} ended with other bytes`)
  rmSync(out, { recursive: true })
  process.stdout.write(`${killed} kills, ${folders + 1} folders: the same bytes\n`)
}
rmSync(root, { recursive: true })
