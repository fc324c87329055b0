import { Effect } from "effect"
import { indexTar } from "../tar/index-tar.ts"
import type { ByteStore } from "./byte-store.ts"
import { parseSampleJson } from "./sample-json.ts"
import { encodeShardIndex, type IndexRow, type Range } from "./shard-index.ts"

const imageEndings = new Set(["jpg", "jpeg", "png", "webp", "avif", "gif"])
const nothing: Range = { offset: 0, size: 0 }

/**
 * The bytes of a shard's index from the shard itself, whose headers and JSON members are read; a sample without an image or a
 * usable JSON member is not in it. Errors are those of reading a tar.
 */
export const rebuildIndex = Effect.fn("data.rebuildIndex")(function* (store: ByteStore, file: string, size: number) {
  const { places } = yield* indexTar((from, length) => store.read(file, from, length), { file, size })
  const samples = new Map<string, { [member: string]: Range }>()
  for (const { name, offset, size: bytes } of places) {
    const dot = name.indexOf(".", name.lastIndexOf("/") + 1)
    if (dot < 0) continue
    const [key, ending] = [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
    const members = samples.get(key) ?? {}
    members[imageEndings.has(ending) ? "image" : ending] = { offset, size: bytes }
    samples.set(key, members)
  }
  const rows: IndexRow[] = []
  for (const [key, { image, txt = nothing, json }] of samples) {
    const said = json && parseSampleJson(yield* store.read(file, json.offset, json.size))
    if (image && json && said && /^[0-9]+$/.test(key))
      rows.push({ id: said.id, group: said.group, key: Number(key), image, text: txt, json })
  }
  return encodeShardIndex(rows)
})
