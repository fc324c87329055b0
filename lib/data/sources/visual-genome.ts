import { Schema } from "effect"
import { decoder } from "./decoded.ts"
import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"

const decode = decoder(Schema.Struct({ id: Schema.Int, regions: Schema.Array(Schema.Struct({ phrase: Schema.String })) }))

/**
 * Visual Genome's `region_descriptions.json`: `[{ "id", "regions": [{ "phrase" }, …] }, …]`. A picture is `ID.jpg`, in `VG_100K` or
 * `VG_100K_2`, with the phrases of its regions as captions, each once.
 */
export const visualGenome: JsonFormat = {
  name: "Visual Genome's region descriptions",
  shape: '[{"id", "regions": [{"phrase"}, …]}, …]',
  options: [],
  is: ({ key, index, value }) => key === "" && index >= 0 && hasMembers(value, "regions"),
  folders: () => ["VG_100K", "VG_100K_2", "../VG_100K", "../VG_100K_2", "images", "images/VG_100K", "images/VG_100K_2", "."],
  reader: (splits) => {
    const all = listing()
    return {
      item: ({ index, value }) => {
        const entry = decode(value, `entry ${index}`)
        if (typeof entry === "string") return entry
        const { id, regions } = entry.value
        if (!splits.takes(undefined)) return undefined
        const place = all.place(`${id}.jpg`)
        for (const phrase of new Set(regions.map(({ phrase }) => phrase.trim()))) all.caption(place, phrase)
        return undefined
      },
      done: () => (all.count() === 0 ? splits.nothing() : all.done())
    }
  }
}
