import { Effect } from "effect"
import type { Fields } from "../../tensor/field.ts"
import { imageFields } from "../sample-value.ts"
import { indexTar } from "../tar/index-tar.ts"
import type { ByteStore } from "./byte-store.ts"
import { parseSampleJson } from "./sample-json.ts"
import { encodeShardIndex, type IndexRow, type Range } from "./shard-index.ts"

const imageEndings = new Set(["jpg", "jpeg", "png", "webp", "avif", "gif"])
const nothing: Range = { offset: 0, size: 0 }

/**
 * Builds the bytes of a shard's index from the headers and JSON members of the shard itself; a sample without all of its images
 * or a usable JSON member is not in it. Errors are those of reading a tar.
 */
export const rebuildIndex = Effect.fn("data.rebuildIndex")(function* (
  store: ByteStore,
  file: string,
  size: number,
  fields: Fields
) {
  const [first, ...others] = imageFields(fields)
  const { places } = yield* indexTar((from, length) => store.read(file, from, length), { file, size })
  const samples = new Map<string, { [member: string]: Range }>()
  for (const { name, offset, size: bytes } of places) {
    const dot = name.indexOf(".", name.lastIndexOf("/") + 1)
    if (dot < 0) continue
    const [key, ending] = [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
    const members = samples.get(key) ?? {}
    const [field, own] = ending.includes(".") ? ending.split(".", 2) : ["", ending]
    members[imageEndings.has(own!) ? `image ${field}` : ending] = { offset, size: bytes }
    samples.set(key, members)
  }
  const rows: IndexRow[] = []
  for (const [key, { txt = nothing, json, ...images }] of samples) {
    const said = json && parseSampleJson(yield* store.read(file, json.offset, json.size), fields)
    const image = first === undefined ? nothing : images["image "]
    const more = others.flatMap((name) => images[`image ${name.toLowerCase()}`] ?? [])
    if (image && json && said && "id" in said && more.length === others.length && /^[0-9]+$/.test(key))
      rows.push({ id: said.id, group: said.group, key: Number(key), image, text: txt, json, more })
  }
  return encodeShardIndex(rows, others.length)
})
