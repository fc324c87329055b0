import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { encodeShardIndex, type IndexRow } from "../../../../lib/data/shards/shard-index.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { sha256 } from "../../../../lib/store/digest.ts"

/** What a test's sample `index` is: its key is two times its place, as if every second sample had been left out. */
export const smallSample = (index: number) => ({
  id: `pair/${index}-é`,
  group: Math.floor(index / 2),
  image: Uint8Array.from({ length: 40 + (index % 7) }, (_, i) => (index * 13 + i) & 255),
  captions: [`caption number ${index}`, `${index} said otherwise`]
})

const memberNames = (key: number) => ["jpg", "txt", "json"].map((ending) => `${String(key).padStart(9, "0")}.${ending}`)

const shardOf = (first: number, samples: number) => {
  const rows: IndexRow[] = []
  let at = 0
  const place = (size: number) => {
    const range = { offset: at + 512, size }
    at += 512 + Math.ceil(size / 512) * 512
    return range
  }
  const files = Array.from({ length: samples }, (_, i) => {
    const { id, group, image, captions } = smallSample(first + i)
    const key = 2 * (first + i)
    const json = Buffer.from(JSON.stringify({ id, group, captions, width: 1, height: 1 }))
    const contents = [image, Buffer.from(captions[0]!), json]
    const [onImage, text, onJson] = contents.map(({ length }) => place(length))
    rows.push({ id, group, key, image: onImage!, text: text!, json: onJson! })
    return memberNames(key).map((name, m) => ({ name, bytes: contents[m]! }))
  })
  return { tar: writeTar(files.flat()), index: encodeShardIndex(rows) }
}

/** The files of a shard set whose shards have so many samples each, by name. */
export const smallSet = (shards: readonly number[]): ReadonlyMap<string, Uint8Array> => {
  const files = new Map<string, Uint8Array>()
  let first = 0
  const lines = shards.map((samples, n) => {
    const base = `shard-${String(n).padStart(6, "0")}`
    const { tar, index } = shardOf(first, samples)
    files.set(`${base}.tar`, tar)
    files.set(`${base}.index`, index)
    const line = { name: `${base}.tar`, samples, bytes: tar.length, sha256: sha256(tar), first }
    first += samples
    return line
  })
  const list = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
  files.set("shards.jsonl", list)
  const bytes = lines.reduce((sum, line) => sum + line.bytes, 0)
  const totals = { count: shards.length, bytes, samples: first }
  const manifest = { format: "semmim-shards", version: 1, shards: totals, list: "shards.jsonl", sha256: sha256(list) }
  files.set("manifest.json", Buffer.from(JSON.stringify(manifest)))
  return files
}

/** A folder of its own with some files in it; it is removed with the scope. */
export const folderWith = Effect.fnUntraced(function* (files: ReadonlyMap<string, Uint8Array>) {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "semmim-shards-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
  return folder
})
