import { hash, randomBytes } from "node:crypto"
import { wholeNumbers } from "./growing.ts"
import { type TextColumn, textColumn } from "./text-column.ts"

/** Key of the 32-bit hash of texts; random in each process, so that a list with colliding names cannot be prepared. */
const secret = randomBytes(16).toString("hex")
const bitsOf = (text: string): number => Number.parseInt(hash("md5", secret + text).slice(0, 8), 16)

/**
 * Collects texts into a column, each once. A million names take their bytes and some 30 more each, outside the heap, where the
 * keys of a `Map` would all be on it.
 */
export const textSet = () => {
  const texts = textColumn()
  let bits = wholeNumbers()
  /** A table by open addressing: the number of a text, counted from 1, or 0 where a slot is free. At most half of it is taken. */
  let slots = new Uint32Array(1 << 11)
  /** Searches the table from the slot of a hash; returns the slot of a text that is wanted, or the first free one. */
  const search = (start: number, isWanted: (place: number) => boolean): number => {
    let slot = start & (slots.length - 1)
    while (slots[slot] !== 0 && !isWanted(slots[slot]! - 1)) slot = (slot + 1) & (slots.length - 1)
    return slot
  }
  const grow = () => {
    slots = new Uint32Array(2 * slots.length)
    for (let i = 0; i < bits.count(); i++) slots[search(bits.at(i), () => false)] = i + 1
  }
  return {
    count: texts.count,
    /** Returns text `place` of those that were added. */
    at: texts.at,
    /** Returns the place of a text, new or known. */
    place: (given: string): number => {
      // The text as stored in the column: two names with the same stored text are one.
      const text = given.toWellFormed()
      const own = bitsOf(text)
      const slot = search(own, (place) => bits.at(place) === own && texts.at(place) === text)
      if (slots[slot] !== 0) return slots[slot]! - 1
      slots[slot] = texts.count() + 1
      texts.push(text)
      bits.push(own)
      if (2 * texts.count() > slots.length) grow()
      return texts.count() - 1
    },
    done: (): TextColumn => {
      // A reference to the column may keep these variables alive too.
      slots = new Uint32Array(0)
      bits = wholeNumbers()
      return texts.done()
    }
  }
}
