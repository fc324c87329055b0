// Measures `semmim prepare` against img2dataset and webdataset + Pillow, in turns on the same files:
// `node test/bench/data/prepare.ts [--small 1000 --large 5000 --rounds 5]`. Per core: images per second of CPU time, by the slope
// between a small and a large job, so that starting up does not count.
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { mainFile } from "../../lib/cli/tiny-cli.ts"
import { photo } from "./photo.ts"

const { values } = parseArgs({
  options: {
    small: { type: "string", default: "1000" },
    large: { type: "string", default: "5000" },
    rounds: { type: "string", default: "5" },
    /** Images of the job that is timed by the clock, start and all, and in how many of the rounds. */
    cold: { type: "string", default: "2000" },
    "cold-rounds": { type: "string", default: "3" },
    /** Different images; larger jobs have several copies of each. */
    photos: { type: "string", default: "500" },
    json: { type: "boolean", default: false }
  }
})
const [small, large, rounds, photos] = [values.small, values.large, values.rounds, values.photos].map(Number) as [
  number,
  number,
  number,
  number
]
const [cold, coldRounds] = [Number(values.cold), Number(values["cold-rounds"])]

const peers = join(import.meta.dirname, "peers")
execFileSync("sh", [join(peers, "setup-prepare.sh")], { stdio: "inherit" })
const python = (environment: string) => join(peers, `.venv-${environment}/bin/python`)
const root = mkdtempSync(join(tmpdir(), "semmim-bench-prepare-"))
process.on("exit", () => rmSync(root, { recursive: true, force: true }))

const images: Buffer[] = []
for (let i = 0; i < Math.min(photos, large); i++) images.push(await photo(i, 640, 480, 90))

/** The first `count` files, as the lists that each tool takes. */
const lists = (count: number) => {
  const folder = join(root, `files-${count}`)
  mkdirSync(folder, { recursive: true })
  const rows = Array.from({ length: count }, (_, i) => {
    const file = join(folder, `${String(i).padStart(6, "0")}.jpg`)
    writeFileSync(file, images[i % images.length]!)
    return { file, url: pathToFileURL(file).href, image: file, caption: `a photograph of the number ${i}` }
  })
  const list = join(root, `list-${count}.json`)
  writeFileSync(list, JSON.stringify(rows))
  const ours = join(root, `ours-${count}.json`)
  writeFileSync(ours, JSON.stringify(rows.map(({ image, caption }) => ({ image, caption }))))
  return { count, list, ours }
}
type Lists = ReturnType<typeof lists>

const img2datasetFlags = {
  ...{ input_format: "json", url_col: "url", caption_col: "caption", output_format: "webdataset" },
  ...{ processes_count: 1, thread_count: 1, resize_mode: "center_crop", image_size: 256 },
  ...{ encode_format: "jpg", encode_quality: 95, number_sample_per_shard: 1000 }
}
const ourFlags = ["--resize", "center-crop", "--size", "256", "--quality", "95", "--cache", join(root, "cache")]

/** One process: of one thread where its cost per core is measured, with its threads as they are where it is timed by the clock. */
const semmim = ({ ours, count }: Lists, out: string, flags: readonly string[]): readonly string[] => [
  ...[process.execPath, "--disable-warning=ExperimentalWarning", mainFile, "prepare", "tiny", "--data", ours, "--out", out],
  ...ourFlags,
  ...(count === cold ? [] : ["--workers", "0"]),
  ...flags
]

/** The command of each tool for a job. */
const tools = {
  semmim: (job: Lists, out: string) => semmim(job, out, []),
  "semmim, accurate": (job: Lists, out: string) => semmim(job, out, ["--transform", "accurate"]),
  img2dataset: ({ list }: Lists, out: string) => [
    ...[python("img2dataset"), "-m", "img2dataset.main", `--url_list=${list}`, `--output_folder=${out}`],
    ...Object.entries(img2datasetFlags).map(([name, value]) => `--${name}=${value}`)
  ],
  "webdataset + Pillow": ({ list }: Lists, out: string) => [python("webdataset"), join(peers, "prepare_webdataset.py"), list, out]
} as const
type Tool = keyof typeof tools
const names = Object.keys(tools) as Tool[]

/** Seconds of CPU and of wall time that a tool takes for a job. */
const measure = (tool: Tool, job: Lists): { readonly cpu: number; readonly wall: number } => {
  const out = join(root, `out-${tool.replaceAll(/\W/g, "")}`)
  const argv: readonly string[] = tools[tool](job, out)
  const timed = spawnSync(python("webdataset"), [join(peers, "cpu_time.py"), ...argv], { encoding: "utf8", maxBuffer: 2 ** 26 })
  const { status, cpu, wall, error } = JSON.parse(timed.stdout)
  if (status !== 0) throw new Error(`${tool}: ${error}`)
  rmSync(out, { recursive: true, force: true })
  return { cpu, wall }
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

const jobs = { small: lists(small), large: lists(large), cold: lists(cold) }
const colds = new Map<Tool, number[]>(names.map((name) => [name, []]))
const slopes = new Map<Tool, number[]>(names.map((name) => [name, []]))
const walls = new Map<Tool, number[]>(names.map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  // Who goes first changes from round to round.
  for (const name of names.map((_, i) => names[(i + round) % names.length]!)) {
    const [short, long] = [measure(name, jobs.small), measure(name, jobs.large)]
    slopes.get(name)!.push((large - small) / (long.cpu - short.cpu))
    walls.get(name)!.push(long.wall)
    if (round < coldRounds) colds.get(name)!.push(measure(name, jobs.cold).wall)
    process.stderr.write(`round ${round + 1} ${name}: ${slopes.get(name)!.at(-1)!.toFixed(1)} images/s of CPU time\n`)
  }
}
/** How many times as fast one of ours is, round by round. */
const times = (own: Tool, theirs: readonly number[]) => median(slopes.get(own)!.map((each, i) => each / theirs[i]!))
const result = names.map((name) => {
  const theirs = slopes.get(name)!
  return {
    tool: name,
    perCore: median(theirs),
    ours: times("semmim", theirs),
    oursAccurate: times("semmim, accurate", theirs),
    rounds: theirs,
    [`wallOf${large}`]: median(walls.get(name)!),
    /** Seconds for a job from a cold start. */
    cold: median(colds.get(name)!)
  }
})
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
else
  for (const { tool, perCore, ours, oursAccurate, cold: seconds, rounds: all } of result)
    process.stdout.write(
      `${tool.padEnd(20)} ${perCore.toFixed(1).padStart(7)} images/s per core (${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)})` +
        `   semmim is ${ours.toFixed(2)} × as fast, accurate ${oursAccurate.toFixed(2)} ×   ${cold} from a cold start: ${seconds.toFixed(1)} s\n`
    )
