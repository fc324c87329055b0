import { Schema } from "effect"
import { decoder } from "./decoded.ts"
import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"

const decode = decoder(
  Schema.Struct({
    image: Schema.NonEmptyString,
    caption: Schema.Union([Schema.String, Schema.Array(Schema.String)]),
    split: Schema.optionalKey(Schema.String)
  })
)

/** ALBEF's lists: `[{ "image": path, "caption": text or texts, "image_id"?, "split"? }, …]`. */
export const captionList: JsonFormat = {
  name: "a list of image and caption",
  shape: '[{"image", "caption"}, …]',
  options: ["split"],
  is: ({ key, index, value }) => key === "" && index >= 0 && hasMembers(value, "image"),
  folders: () => [".", "images"],
  reader: (splits) => {
    const all = listing()
    return {
      item: ({ index, value }) => {
        const entry = decode(value, `entry ${index}`)
        if (typeof entry === "string") return entry
        const { image, caption, split } = entry.value
        if (!splits.takes(split)) return undefined
        const place = all.place(image)
        for (const text of typeof caption === "string" ? [caption] : caption) all.caption(place, text)
        return undefined
      },
      done: () => (all.count() === 0 ? splits.nothing() : all.done())
    }
  }
}
