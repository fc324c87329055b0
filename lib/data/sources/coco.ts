import { doubles, wholeNumbers } from "./growing.ts"
import { imageId } from "./image-id.ts"
import { hasMembers, type JsonFormat } from "./json-format.ts"
import type { JsonItem } from "./json-items.ts"
import { listing } from "./listing.ts"
import { isObject, type JsonObject, kindOfValue, memberFault, memberOf, textMember } from "./members.ts"
import { loneSurrogate, textColumn } from "./text-column.ts"
import { textSet } from "./text-set.ts"

/** Returns the split in a list's name, which is its folder of images: `val2017` of `captions_val2017.json`. */
const splitFolder = (path: string): readonly string[] => {
  const split = /([A-Za-z]+\d{4})\.[^./\\]*$/.exec(path)?.[1]
  return split === undefined ? [] : [split]
}

type Id = number | string
const isId = (value: unknown): value is Id => typeof value === "string" || Number.isFinite(value)

/** Returns the same id as the other type: `7` for `"7"`, `"7"` for `7`. */
const otherSpelling = (id: Id): Id | undefined =>
  typeof id === "number" ? String(id) : String(Number(id)) === id ? Number(id) : undefined

/** Owners of captions, by the ids in the annotations: numbers directly, texts by their index among the texts. */
const ownerColumn = () => {
  const numbers = doubles()
  const isText = wholeNumbers()
  const texts = textSet()
  return {
    push: (id: Id): void => {
      isText.push(typeof id === "string" ? 1 : 0)
      numbers.push(typeof id === "string" ? texts.place(id) : id)
    },
    done: () => {
      const [number, text, column] = [numbers.done(), isText.done(), texts.done()]
      return { count: number.length, at: (i: number): Id => (text[i] === 1 ? column.at(number[i]!) : number[i]!) }
    }
  }
}

/**
 * COCO's own annotations of captions: `{ "images": [{ "id", "file_name" }], "annotations": [{ "image_id", "caption" }] }`, in
 * either order. Ids are numbers or texts, and `1` and `"1"` are distinct, as in pycocotools; where only one of them exists, both
 * refer to it. Images without an annotation have no caption and are left out.
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
  reader: ({ splits, issues, where }) => {
    const names = new Map<Id, string>()
    const owners = ownerColumn()
    /** Index in `annotations` of each one that is kept. */
    const places = wholeNumbers()
    const captions = textColumn()
    let entries = 0
    const image = (value: JsonObject, item: JsonItem): undefined => {
      const id = memberOf(value, "id")
      const name = textMember(value, "file_name")
      if (!isId(id)) return issues.bad(memberFault(value, "id"), where(item))
      if (name === undefined) return issues.bad(memberFault(value, "file_name"), where(item))
      if (names.has(id) && names.get(id) !== name)
        issues.noted("id of an image before, in whose place it is taken", `${where(item)}, ${id}`)
      names.set(id, name)
    }
    const annotation = (value: JsonObject, item: JsonItem): undefined => {
      const id = memberOf(value, "image_id")
      const caption = memberOf(value, "caption")
      if (!isId(id)) return issues.bad(memberFault(value, "image_id"), where(item))
      if (typeof caption !== "string") return issues.bad(memberFault(value, "caption"), where(item))
      owners.push(id)
      places.push(item.index)
      if (!caption.isWellFormed()) issues.noted(`caption with a ${loneSurrogate}`, where(item))
      captions.push(caption.trim())
    }
    /** Returns the image to which an id refers. */
    const meant = (id: Id): Id | undefined => {
      if (names.has(id)) return id
      const other = otherSpelling(id)
      return other !== undefined && names.has(other) ? other : undefined
    }
    return {
      item: (item) => {
        const { key, index, value } = item
        const take = key === "images" ? image : key === "annotations" ? annotation : undefined
        if (index < 0 || take === undefined) return
        entries++
        if (!isObject(value)) issues.bad(kindOfValue(value), where(item))
        else take(value, item)
      },
      entries: () => entries,
      done: () => {
        const all = listing()
        const owner = owners.done()
        const texts = captions.done()
        if (!splits.takes(undefined)) return all.done()
        // In the order of `images`, not of the annotations, which are shuffled.
        const annotated = new Set<Id>()
        for (let i = 0; i < owner.count; i++) {
          const id = meant(owner.at(i))
          if (id !== undefined) annotated.add(id)
        }
        for (const [id, name] of names) {
          if (annotated.has(id)) all.place(name)
          else issues.ignored("image without an annotation", imageId(name))
        }
        for (let i = 0; i < owner.count; i++) {
          const said = owner.at(i)
          const id = meant(said)
          const place = () => where({ key: "annotations", index: places.at(i) })
          if (id === undefined) {
            issues.bad("image_id of no image", `${place()}, ${JSON.stringify(said).slice(0, 60)}`)
            continue
          }
          if (id !== said) issues.noted(`image_id is ${kindOfValue(said)} where the image's id is ${kindOfValue(id)}`, place())
          if (!all.caption(all.place(names.get(id)!), texts.at(i))) issues.bad("caption is empty", place())
        }
        return all.done()
      }
    }
  }
}
