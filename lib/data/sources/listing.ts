import { type ReadIssue, readIssues } from "../read-issues.ts"
import { sharedNumbers, wholeNumbers } from "./growing.ts"
import { imageId } from "./image-id.ts"
import { columnOf, loneSurrogate, type TextColumn, type TextColumnData, textColumn } from "./text-column.ts"
import { textSet } from "./text-set.ts"

/** The memory of a listing, which threads can share. */
export interface ListingData {
  readonly images: TextColumnData
  readonly captions: TextColumnData
  /** Captions by image: those of image i are `order[first[i]]` to `order[first[i + 1] − 1]`. */
  readonly order: Uint32Array
  readonly first: Uint32Array
}

/** Images by name, each once, with all their captions, in the order of their first occurrence in a list. */
export interface Listing {
  /** Names as in the list: ids, and paths under the folder of images. */
  readonly images: TextColumn
  readonly captionsOf: (index: number) => readonly string[]
  readonly data: ListingData
  /** Issues with its texts, found when it was collected; none in another thread. */
  readonly issues: readonly ReadIssue[]
}

/** Returns the listing in some memory, which may be of another thread. */
export const listingOf = (data: ListingData): Listing => {
  const { order, first } = data
  const captions = columnOf(data.captions)
  return {
    images: columnOf(data.images),
    captionsOf: (index) => Array.from(order.subarray(first[index]!, first[index + 1]!), (at) => captions.at(at)),
    data,
    issues: []
  }
}

/** Collects the entries of a list: those of one image become one sample with all their captions. Blank captions are dropped. */
export const listing = () => {
  const images = textSet()
  const captions = textColumn()
  const owners = wholeNumbers()
  const issues = readIssues()
  return {
    count: images.count,
    /** Returns the number of captions kept so far. */
    captions: captions.count,
    /** Returns the place of an image, new or known. */
    place: (image: string): number => {
      if (!image.isWellFormed()) issues.noted(`name with a ${loneSurrogate}`, imageId(image.toWellFormed()))
      return images.place(image)
    },
    /** Adds a caption; returns true where it is kept, false for a blank one. */
    caption: (owner: number, caption: string): boolean => {
      if (caption.trim() === "") return false
      if (!caption.isWellFormed()) issues.noted(`caption with a ${loneSurrogate}`, imageId(images.at(owner)))
      captions.push(caption)
      owners.push(owner)
      return true
    },
    done: (): Listing => {
      const owner = owners.done()
      // A counting sort by image: captions keep their order, and those of one image need not stand together in the list.
      const first = sharedNumbers<Uint32Array>(Uint32Array, images.count() + 1)
      for (const each of owner) first[each + 1]!++
      for (let i = 1; i < first.length; i++) first[i]! += first[i - 1]!
      const next = first.slice()
      const order = sharedNumbers<Uint32Array>(Uint32Array, owner.length)
      for (let i = 0; i < owner.length; i++) order[next[owner[i]!]!++] = i
      return {
        ...listingOf({ images: images.done().data, captions: captions.done().data, order, first }),
        issues: issues.all()
      }
    }
  }
}

/** Collects a list. */
export type ListingBuilder = ReturnType<typeof listing>
