import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"
import { isObject, kindOfValue, memberFault, memberOf, textMember } from "./members.ts"

/**
 * Karpathy's lists of COCO, Flickr30K and Flickr8K: `{ "images": [{ "filename", "filepath"?, "split", "sentences": [{ "raw" }] }]
 * }`. Without `?split=`, the splits `train` and `restval`.
 */
export const karpathy: JsonFormat = {
  name: "Karpathy's splits",
  shape: '{"images": [{"filename", "split", "sentences": [{"raw"}, …]}, …]}',
  options: ["split"],
  is: ({ key, index, value }) => key === "images" && index >= 0 && hasMembers(value, "sentences"),
  folders: () =>
    ["", "../"].flatMap((up) => [`${up}.`, `${up}images`, `${up}flickr30k-images`, `${up}flickr30k_images`, `${up}Images`]),
  reader: ({ splits, issues, where }) => {
    const all = listing()
    let entries = 0
    return {
      item: (item) => {
        if (item.key !== "images" || item.index < 0) return undefined
        entries++
        const { value } = item
        if (!isObject(value)) return issues.bad(kindOfValue(value), where(item))
        const filename = textMember(value, "filename")
        const sentences = memberOf(value, "sentences")
        if (filename === undefined) return issues.bad(memberFault(value, "filename"), where(item))
        if (!Array.isArray(sentences)) return issues.bad(memberFault(value, "sentences"), where(item))
        const split = memberOf(value, "split")
        if (!splits.takes(typeof split === "string" ? split : undefined)) return undefined
        entries += sentences.length
        const filepath = textMember(value, "filepath")
        const owner = all.place(filepath ? `${filepath}/${filename}` : filename)
        if (sentences.length === 0) return issues.bad("sentences is an empty list", where(item))
        for (const [i, sentence] of sentences.entries()) {
          const place = `${where(item)}.sentences[${i}]`
          const raw = isObject(sentence) ? memberOf(sentence, "raw") : undefined
          if (typeof raw !== "string")
            issues.bad(isObject(sentence) ? memberFault(sentence, "raw") : kindOfValue(sentence), place)
          else if (!all.caption(owner, raw.trim())) issues.bad("raw is empty", place)
        }
        return undefined
      },
      entries: () => entries,
      done: () => all.done()
    }
  }
}
