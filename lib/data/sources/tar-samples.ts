import type { IssueCollector } from "../read-issues.ts"
import type { TarPlace } from "../tar/scan-tar.ts"
import { doubles, wholeNumbers } from "./growing.ts"
import { textColumn } from "./text-column.ts"

/** A range of bytes in a tar. */
export interface MemberRange {
  readonly offset: number
  readonly size: number
}

/** The samples of one tar or of several: where their pictures and texts are. */
export interface TarSamples {
  readonly count: number
  readonly id: (index: number) => string
  /** The number of the tar. */
  readonly tar: (index: number) => number
  readonly picture: (index: number) => MemberRange
  readonly text: (index: number) => MemberRange
  /** Whether the text is a JSON object; else it is captions, a line each. */
  readonly isJson: (index: number) => boolean
}

const picturePattern = /^(?:jpe?g|png|webp)$/
const textExtensions: readonly string[] = ["txt", "text", "caption"]

/** A member's key and extension as WebDataset takes them: cut at the first dot of the last part of the path. */
export const keyOf = (name: string): readonly [key: string, extension: string] => {
  const from = name.lastIndexOf("/") + 1
  const dot = name.indexOf(".", from)
  return dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()]
}

/** Collects the samples of tars: neighbouring members of one key are a sample, which needs a picture and a text. */
export const tarSamples = (caption: string | undefined, issues: IssueCollector) => {
  const ids = textColumn()
  const tars = wholeNumbers()
  const [pictureOffsets, textOffsets] = [doubles(), doubles()]
  const [pictureSizes, textSizes, kinds] = [wholeNumbers(), wholeNumbers(), wholeNumbers()]
  /** The member that holds the captions: plain text before JSON, but a named JSON member before text of another name. */
  const textOf = (members: ReadonlyMap<string, TarPlace>): readonly [place: TarPlace, isJson: 0 | 1] | undefined => {
    const json = members.get("json")
    const plain = (caption === undefined ? textExtensions : [caption.toLowerCase()]).flatMap((each) => members.get(each) ?? [])[0]
    if (plain) return [plain, 0]
    return json && [json, 1]
  }
  const add = (tar: number, name: string, members: ReadonlyMap<string, TarPlace>, seen: Map<string, number>, key: string) => {
    const picture = [...members].find(([extension]) => picturePattern.test(extension))?.[1]
    const text = textOf(members)
    if (!picture) return text && issues.ignored("text without a picture", `${name}/${key}`)
    if (!text) return issues.ignored("picture without a text", `${name}/${key}`)
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    ids.push(times === 1 ? `${name}/${key}` : `${name}/${key}#${times}`)
    tars.push(tar)
    pictureOffsets.push(picture.offset)
    pictureSizes.push(picture.size)
    textOffsets.push(text[0].offset)
    textSizes.push(text[0].size)
    kinds.push(text[1])
  }
  return {
    /** Adds the members of tar number `tar`, whose samples' ids begin with `name`. */
    tar: (tar: number, name: string, places: readonly TarPlace[]): void => {
      const seen = new Map<string, number>()
      let current: { readonly key: string; readonly members: Map<string, TarPlace> } = { key: "", members: new Map() }
      for (const place of places) {
        const [key, extension] = keyOf(place.name)
        if (extension === "") continue
        if (key !== current.key) {
          add(tar, name, current.members, seen, current.key)
          current = { key, members: new Map() }
        }
        if (current.members.has(extension)) issues.noted("member given twice, of which the first counts", `${name}/${place.name}`)
        else current.members.set(extension, place)
      }
      add(tar, name, current.members, seen, current.key)
    },
    done: (): TarSamples => {
      const id = ids.done()
      const tar = tars.done()
      const [po, ps, to, ts, kind] = [
        pictureOffsets.done(),
        pictureSizes.done(),
        textOffsets.done(),
        textSizes.done(),
        kinds.done()
      ]
      return {
        count: id.count,
        id: id.at,
        tar: (index) => tar[index]!,
        picture: (index) => ({ offset: po[index]!, size: ps[index]! }),
        text: (index) => ({ offset: to[index]!, size: ts[index]! }),
        isJson: (index) => kind[index] === 1
      }
    }
  }
}
