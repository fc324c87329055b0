import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { encodeShardIndex, type IndexRow } from "../../../lib/data/shards/shard-index.ts"
import { tarEnd, tarMember } from "../../../lib/data/tar/write-tar.ts"
import { sha256 } from "../../../lib/store/digest.ts"

/** Samples in a shard. */
const perShard = 1000

/** An image of a few bytes, which nobody decodes. */
const noImage = Uint8Array.from({ length: 200 }, (_, i) => i)

const writeShard = (folder: string, shard: number, samples: number, image: (index: number) => Uint8Array) => {
  const base = `shard-${String(shard).padStart(6, "0")}`
  const first = shard * perShard
  const rows: IndexRow[] = []
  const pieces: Uint8Array[] = []
  let at = 0
  for (let i = 0; i < samples; i++) {
    const key = first + i
    const id = `images/${key}.jpg`
    const name = String(key).padStart(9, "0")
    const caption = `caption of image ${key}`
    const json = JSON.stringify({ id, group: key, captions: [caption], width: 1, height: 1, index: key })
    const [onImage, text, onJson] = [image(key), Buffer.from(caption), Buffer.from(json)].map((bytes, member) => {
      const range = { offset: at + 512, size: bytes.length }
      for (const piece of tarMember({ name: `${name}.${["jpg", "txt", "json"][member]}`, bytes })) {
        pieces.push(piece)
        at += piece.length
      }
      return range
    })
    rows.push({ id, group: key, key, image: onImage!, text: text!, json: onJson! })
  }
  const tar = Buffer.concat([...pieces, tarEnd()])
  const file = openSync(join(folder, `${base}.tar`), "w")
  writeSync(file, tar)
  closeSync(file)
  writeFileSync(join(folder, `${base}.index`), encodeShardIndex(rows))
  // Nobody verifies these shards, so the digest is that of their name: hashing them would be half of the time.
  return { name: `${base}.tar`, samples, bytes: tar.length, sha256: sha256(base), first }
}

/** Writes a shard set of `count` samples, as `semmim prepare` would: with images of 200 bytes that are none, unless they are given. */
export const tinySet = (folder: string, count: number, image: (index: number) => Uint8Array = () => noImage): void => {
  if (existsSync(join(folder, "manifest.json"))) return
  mkdirSync(folder, { recursive: true })
  const lines = Array.from({ length: Math.ceil(count / perShard) }, (_, shard) =>
    writeShard(folder, shard, Math.min(perShard, count - shard * perShard), image)
  )
  const list = lines.map((line) => `${JSON.stringify(line)}\n`).join("")
  writeFileSync(join(folder, "shards.jsonl"), list)
  const shards = { count: lines.length, bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0), samples: count }
  const manifest = { format: "semmim-shards", version: 1, shards, list: "shards.jsonl", sha256: sha256(list) }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest))
}
