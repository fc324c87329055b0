import { captionTexts } from "./caption-value.ts"
import type { JsonFormat } from "./json-format.ts"
import { listLiteral } from "./list-literal.ts"
import { listing } from "./listing.ts"
import { type Location, optionParts } from "./location.ts"
import {
  firstMember,
  isObject,
  type JsonObject,
  kindOfValue,
  kindWithoutText,
  memberFault,
  memberOf,
  textMember
} from "./members.ts"

/** Known names of the image's member, in the order of the search: ALBEF's first, then Hugging Face's. */
const imageMembers: readonly string[] = [
  "image",
  "file_name",
  "filepath",
  "image_path",
  "filename",
  "image_name",
  "path",
  "picture",
  "url"
]
const captionMembers: readonly string[] = [
  "caption",
  "captions",
  "text",
  "title",
  "sentence",
  "sentences",
  "description",
  "comment",
  "raw"
]

const membersOf = (location: Location) => {
  const [image, captions] = [optionParts(location, "image"), optionParts(location, "caption")]
  return {
    images: image.length > 0 ? image.slice(0, 1) : imageMembers,
    captions: captions.length > 0 ? captions : captionMembers,
    /** True to take all of the caption members, false for the first of them that an entry has. */
    all: captions.length > 0
  }
}

/**
 * Lists of images and captions, ALBEF's or Hugging Face's metadata: `[{ "image": path, "caption": text or texts, "split"? }, …]`,
 * with other names too (`file_name`, `text`, …), or those that `?image=` and `?caption=` name.
 */
export const captionList: JsonFormat = {
  name: "a list of image and caption",
  shape: '[{"image", "caption"}, …]',
  options: ["split", "image", "caption"],
  is: ({ key, index, value }, location) => {
    if (key !== "" || index < 0 || !isObject(value)) return false
    const { images, captions, all } = membersOf(location)
    const image = firstMember(value, images)
    return image !== undefined && (all || image === "image" || firstMember(value, captions) !== undefined)
  },
  folders: () => [".", "images"],
  reader: ({ location, splits, issues, where }) => {
    const names = membersOf(location)
    const all = listing()
    let entries = 0
    let changed = 0
    const take = (entry: JsonObject, place: () => string): undefined => {
      const image = firstMember(entry, names.images) ?? names.images[0]!
      const name = textMember(entry, image)
      if (name === undefined) return issues.bad(memberFault(entry, image), place())
      const split = memberOf(entry, "split")
      if (!splits.takes(typeof split === "string" ? split : undefined)) return undefined
      const members = names.all ? names.captions : [firstMember(entry, names.captions) ?? names.captions[0]!]
      const found = members.map((member) => {
        const value = memberOf(entry, member)
        if (isObject(value) || (Array.isArray(value) && value.some(isObject))) changed++
        const { texts, fault } = captionTexts(value)
        const read = texts.map((text) => {
          const list = listLiteral(text)
          if (list !== undefined) changed++
          return list ?? { texts: [text], fault: undefined }
        })
        return { member, texts: read.flatMap((each) => each.texts), fault: fault ?? read.find((each) => each.fault)?.fault }
      })
      const fault = found.find((each) => each.fault !== undefined)
      if (fault) issues.bad(`${fault.member} is ${fault.fault}`, place())
      if (fault && found.every(({ texts }) => texts.length === 0)) return undefined
      const owner = all.place(name)
      const blank: string[] = []
      const before = all.captions()
      for (const { member, texts } of found) {
        for (const text of texts) if (!all.caption(owner, text)) blank.push(member)
      }
      if (all.captions() > before || fault) for (const member of blank) issues.ignored(`${member} is empty`, place())
      else issues.bad(`${members[0]} is ${kindWithoutText(memberOf(entry, members[0]!))}`, place())
    }
    return {
      item: (item) => {
        const place = () => where(item)
        entries++
        if (!isObject(item.value)) issues.bad(kindOfValue(item.value), place())
        else take(item.value, place)
      },
      entries: () => entries,
      changed: () => changed,
      done: () => all.done()
    }
  }
}
