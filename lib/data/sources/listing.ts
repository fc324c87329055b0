import { wholeNumbers } from "./growing.ts"
import { type TextColumn, textColumn } from "./text-column.ts"
import { textSet } from "./text-set.ts"

/** Pictures by name, each once, with all their captions, in the order in which a list first names them. */
export interface Listing {
  /** Names as the list has them: ids, and paths under the folder of pictures. */
  readonly pictures: TextColumn
  readonly captionsOf: (index: number) => readonly string[]
}

/** Collects the entries of a list: those of one picture become one sample with all their captions. Blank captions are dropped. */
export const listing = () => {
  const pictures = textSet()
  const captions = textColumn()
  const owners = wholeNumbers()
  return {
    count: pictures.count,
    /** The place of a picture, new or known. */
    place: pictures.place,
    caption: (owner: number, caption: string): void => {
      if (caption.trim() === "") return
      captions.push(caption)
      owners.push(owner)
    },
    done: (): Listing => {
      const owner = owners.done()
      const texts = captions.done()
      // A counting sort by picture: captions keep their order, and those of one picture need not stand together in the list.
      const first = new Uint32Array(pictures.count() + 1)
      for (const each of owner) first[each + 1]!++
      for (let i = 1; i < first.length; i++) first[i]! += first[i - 1]!
      const next = first.slice()
      const sorted = new Uint32Array(owner.length)
      for (let i = 0; i < owner.length; i++) sorted[next[owner[i]!]!++] = i
      return {
        pictures: pictures.done(),
        captionsOf: (index) => Array.from(sorted.subarray(first[index]!, first[index + 1]!), (at) => texts.at(at))
      }
    }
  }
}

/** What collects a list. */
export type ListingBuilder = ReturnType<typeof listing>
