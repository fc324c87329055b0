import { Schema } from "effect"
import { decoder } from "./decoded.ts"
import { doubles } from "./growing.ts"
import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"
import { textColumn } from "./text-column.ts"

const decodeImage = decoder(Schema.Struct({ id: Schema.Int, file_name: Schema.NonEmptyString }))
const decodeAnnotation = decoder(Schema.Struct({ image_id: Schema.Int, caption: Schema.String }))

/** The split in a list's name, which is its folder of pictures: `val2017` of `captions_val2017.json`. */
const splitFolder = (path: string): readonly string[] => {
  const split = /([A-Za-z]+\d{4})\.[^./\\]*$/.exec(path)?.[1]
  return split === undefined ? [] : [split]
}

/**
 * COCO's own annotations of captions: `{ "images": [{ "id", "file_name" }], "annotations": [{ "image_id", "caption" }] }`, in either
 * order. Pictures without an annotation have no caption and are left out.
 */
export const coco: JsonFormat = {
  name: "COCO's captions",
  shape: '{"images": [{"id", "file_name"}, …], "annotations": [{"image_id", "caption"}, …]}',
  options: [],
  is: ({ key, index, value }) =>
    index >= 0 &&
    ((key === "images" && hasMembers(value, "id", "file_name")) || (key === "annotations" && hasMembers(value, "image_id"))),
  folders: ({ path }) => {
    const names = ["images", ...splitFolder(path).flatMap((split) => [split, `images/${split}`])]
    return [".", ...names, ...names.map((name) => `../${name}`)]
  },
  reader: (splits) => {
    const names = new Map<number, string>()
    const owners = doubles()
    const captions = textColumn()
    return {
      item: ({ key, index, value }) => {
        if (index < 0) return undefined
        if (key === "images") {
          const image = decodeImage(value, `images[${index}]`)
          if (typeof image === "string") return image
          names.set(image.value.id, image.value.file_name)
        }
        if (key === "annotations") {
          const annotation = decodeAnnotation(value, `annotations[${index}]`)
          if (typeof annotation === "string") return annotation
          owners.push(annotation.value.image_id)
          captions.push(annotation.value.caption.trim())
        }
        return undefined
      },
      done: () => {
        const all = listing()
        const owner = owners.done()
        const texts = captions.done()
        // In the order of `images`, not of the annotations, which are shuffled.
        const annotated = new Set(owner)
        for (const [id, name] of names) if (annotated.has(id)) all.place(name)
        for (let i = 0; i < owner.length; i++) {
          const name = names.get(owner[i]!)
          if (name === undefined) return `annotations[${i}] is of image ${owner[i]}, which is not in images`
          all.caption(all.place(name), texts.at(i))
        }
        return all.count() === 0 || !splits.takes(undefined) ? splits.nothing() : all.done()
      }
    }
  }
}
