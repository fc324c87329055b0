/**
 * Two processes of `semmim prepare` against one, in turns: each has a core and files of its own, as on a machine of many.
 * `node test/bench/data/two-processes.ts [PICTURES] [ROUNDS]` (Linux: cores are given by taskset).
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { mainFile } from "../../lib/cli/tiny-cli.ts"
import { photoList } from "./photo-list.ts"

const [images, rounds] = [Number(process.argv[2] ?? 2000), Number(process.argv[3] ?? 5)]
const root = mkdtempSync(join(tmpdir(), "semmim-bench-two-"))
process.on("exit", () => rmSync(root, { recursive: true, force: true }))

const lists = [await photoList(join(root, "files-0"), images), await photoList(join(root, "files-1"), images)]

/** One process on one core, to its end. */
const prepare = (core: number, transform: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const out = join(root, `out-${core}`)
    rmSync(out, { recursive: true, force: true })
    const argv = [
      ...["-c", String(core), process.execPath, "--disable-warning=ExperimentalWarning", mainFile],
      ...["prepare", "tiny", "--data", lists[core]!, "--out", out, "--resize", "center-crop", "--size", "256"],
      ...["--workers", "0", "--transform", transform, "--cache", join(root, `cache-${core}`)]
    ]
    const child = spawn("taskset", argv, { stdio: ["ignore", "ignore", "inherit"] })
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`two-processes: status ${code}`))))
  })

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

for (const transform of ["fast", "accurate"]) {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const one = await timed(() => prepare(round % 2, transform))
    const two = await timed(() => Promise.all([prepare(0, transform), prepare(1, transform)]))
    ratios.push((2 * one) / two)
    process.stderr.write(`${transform}, round ${round + 1}: one ${one.toFixed(2)} s, two ${two.toFixed(2)} s for twice as many\n`)
  }
  ratios.sort((a, b) => a - b)
  console.log(
    JSON.stringify({
      transform,
      images,
      ratio: ratios[rounds >> 1]!.toFixed(2),
      lowest: ratios[0]!.toFixed(2),
      highest: ratios.at(-1)!.toFixed(2)
    })
  )
}
