// Shards written here are read by Python's tarfile and webdataset and by open_clip's loader, and their tables by pyarrow: `node test/bench/data/round-trip.ts`.
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Stream } from "effect"
import { readTar } from "../../../lib/data/tar/read-tar.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { imageFolder } from "../../lib/prepare/images.ts"
import { prepareTiny, samplesIn } from "../../lib/prepare/prepared.ts"
import { temporaryRoot } from "../../lib/prepare/root.ts"

const peers = join(import.meta.dirname, "peers")
execFileSync("sh", [join(peers, "setup-prepare.sh")], { stdio: "inherit" })
const root = temporaryRoot("round-trip")
const data = await imageFolder(join(root, "data"), 30, (number, bytes) => (number % 7 === 3 ? bytes.subarray(0, 50) : bytes))
const out = join(root, "out")
await Effect.runPromise(Effect.provide(prepareTiny(data, out, { shardSize: 8 }), NodeServices.layer))

const python = join(peers, ".venv-webdataset/bin/python")
const theirs = JSON.parse(execFileSync(python, [join(peers, "read_shards.py"), out], { encoding: "utf8", maxBuffer: 2 ** 28 }))
const members: Record<string, string> = {}
const rows: unknown[] = []
for (const name of readdirSync(out).sort()) {
  if (name.endsWith(".samples.json")) rows.push(...JSON.parse(readFileSync(join(out, name), "utf8")))
  if (!name.endsWith(".tar")) continue
  const bytes = new Uint8Array(readFileSync(join(out, name)))
  for (const entry of await Effect.runPromise(Stream.runCollect(readTar(Stream.make(bytes)))))
    members[entry.name] = sha256(entry.bytes)
}
const samples = (await samplesIn(out)).map(({ id, index, tokens }) => ({ key: String(index).padStart(9, "0"), id, tokens }))
execFileSync("sh", [join(peers, "setup-open-clip.sh")], { stdio: "inherit" })
const tars = readdirSync(out).filter((name) => name.endsWith(".tar"))
const openClip: Record<"train" | "evaluate", { captions: string[]; sizes: [number, number][] }> = JSON.parse(
  execFileSync(
    join(import.meta.dirname, "../peers/.venv/bin/python"),
    [join(peers, "read_open_clip.py"), String(samples.length), ...tars.sort().map((name) => join(out, name))],
    { encoding: "utf8", env: { ...process.env, PYTHONPATH: join(peers, ".venv-open-clip") } }
  )
)
const stored = (await samplesIn(out)).map(({ captions, height, width }) => `${captions[0]} ${height} × ${width}`)
const seen = ({ captions, sizes }: (typeof openClip)["train"]) =>
  captions.map((text, i) => `${text.trim()} ${sizes[i]!.join(" × ")}`)

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const checks = {
  "tarfile finds the same members and bytes": same(theirs.members, members),
  "webdataset gives the same samples": same(theirs.samples, samples),
  "open_clip's loader evaluates on the same samples, in their order": same(seen(openClip.evaluate), stored),
  "open_clip's loader trains on the same samples, each once": same(seen(openClip.train).sort(), [...stored].sort()),
  "pyarrow reads the same rows": same(theirs.rows, rows)
}
for (const [what, holds] of Object.entries(checks)) process.stdout.write(`${holds ? "yes" : "NO "}  ${what}\n`)
rmSync(root, { recursive: true })
process.exit(Object.values(checks).every(Boolean) ? 0 : 1)
