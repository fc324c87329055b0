import { Schema } from "effect"
import { decoder } from "./decoded.ts"
import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"

const decode = decoder(
  Schema.Struct({
    filename: Schema.NonEmptyString,
    filepath: Schema.optionalKey(Schema.String),
    split: Schema.optionalKey(Schema.String),
    sentences: Schema.Array(Schema.Struct({ raw: Schema.String }))
  })
)

/**
 * Karpathy's lists of COCO, Flickr30K and Flickr8K: `{ "images": [{ "filename", "filepath"?, "split", "sentences": [{ "raw" }] }] }`.
 * Without `?split=`, the splits `train` and `restval`.
 */
export const karpathy: JsonFormat = {
  name: "Karpathy's splits",
  shape: '{"images": [{"filename", "split", "sentences": [{"raw"}, …]}, …]}',
  options: ["split"],
  is: ({ key, index, value }) => key === "images" && index >= 0 && hasMembers(value, "sentences"),
  folders: () =>
    ["", "../"].flatMap((up) => [`${up}.`, `${up}images`, `${up}flickr30k-images`, `${up}flickr30k_images`, `${up}Images`]),
  reader: (splits) => {
    const all = listing()
    return {
      item: ({ key, index, value }) => {
        if (key !== "images" || index < 0) return undefined
        const entry = decode(value, `images[${index}]`)
        if (typeof entry === "string") return entry
        const { filename, filepath, split, sentences } = entry.value
        if (!splits.takes(split)) return undefined
        const place = all.place(filepath ? `${filepath}/${filename}` : filename)
        for (const { raw } of sentences) all.caption(place, raw.trim())
        return undefined
      },
      done: () => (all.count() === 0 ? splits.nothing() : all.done())
    }
  }
}
