import { hasMembers, type JsonFormat } from "./json-format.ts"
import { listing } from "./listing.ts"
import { isObject, kindOfValue, memberFault, memberOf } from "./members.ts"

/**
 * Visual Genome's `region_descriptions.json`: `[{ "id", "regions": [{ "phrase" }, …] }, …]`. An image is `ID.jpg`, in `VG_100K`
 * or `VG_100K_2`, with the phrases of its regions as captions, each once. An id is a whole number, or a text without a path.
 */
export const visualGenome: JsonFormat = {
  name: "Visual Genome's region descriptions",
  shape: '[{"id", "regions": [{"phrase"}, …]}, …]',
  options: [],
  is: ({ key, index, value }) => key === "" && index >= 0 && hasMembers(value, "regions"),
  folders: () => ["VG_100K", "VG_100K_2", "../VG_100K", "../VG_100K_2", "images", "images/VG_100K", "images/VG_100K_2", "."],
  reader: ({ splits, issues, where }) => {
    const all = listing()
    let entries = 0
    const idOf = (id: unknown): string | undefined =>
      Number.isInteger(id) || (typeof id === "string" && /^[^/\\]+$/.test(id)) ? String(id) : undefined
    return {
      item: (item) => {
        entries++
        const { value } = item
        if (!isObject(value)) return issues.bad(kindOfValue(value), where(item))
        const id = idOf(memberOf(value, "id"))
        const regions = memberOf(value, "regions")
        if (id === undefined) return issues.bad(memberFault(value, "id"), where(item))
        if (!Array.isArray(regions)) return issues.bad(memberFault(value, "regions"), where(item))
        if (!splits.takes(undefined)) return undefined
        entries += regions.length
        const owner = all.place(`${id}.jpg`)
        if (regions.length === 0) return issues.bad("regions is an empty list", where(item))
        const phrases = new Set<string>()
        for (const [i, region] of regions.entries()) {
          const phrase = isObject(region) ? memberOf(region, "phrase") : undefined
          if (typeof phrase === "string" && phrase.trim() !== "") phrases.add(phrase.trim())
          else issues.bad(isObject(region) ? memberFault(region, "phrase") : kindOfValue(region), `${where(item)}.regions[${i}]`)
        }
        for (const phrase of phrases) all.caption(owner, phrase)
        return undefined
      },
      entries: () => entries,
      done: () => all.done()
    }
  }
}
