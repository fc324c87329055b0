import { hash, randomBytes } from "node:crypto"
import { wholeNumbers } from "./growing.ts"
import { type TextColumn, textColumn } from "./text-column.ts"

/** The 32 bits that a text is looked for by; keyed anew in each process, so that nobody can write a list whose names collide. */
const secret = randomBytes(16).toString("hex")
const bitsOf = (text: string): number => Number.parseInt(hash("md5", secret + text).slice(0, 8), 16)

/**
 * Collects texts into a column, each once. A million names take their bytes and some 30 more each, where the keys of a `Map` take
 * about 200, which every thread that reads the list would have on its heap.
 */
export const textSet = () => {
  const texts = textColumn()
  const bits = wholeNumbers()
  /** A table by open addressing: the number of a text, counted from 1, or 0 where a slot is free. At most half of it is taken. */
  let slots = new Uint32Array(1 << 11)
  const freeSlot = (start: number): number => {
    let slot = start & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    return slot
  }
  const grow = () => {
    slots = new Uint32Array(2 * slots.length)
    for (let i = 0; i < bits.count(); i++) slots[freeSlot(bits.at(i))] = i + 1
  }
  return {
    count: texts.count,
    /** The place of a text, new or known. */
    place: (given: string): number => {
      // As the column will have it: two names that become one are one.
      const text = given.toWellFormed()
      const own = bitsOf(text)
      let slot = own & (slots.length - 1)
      for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
        const found = slots[slot]! - 1
        if (bits.at(found) === own && texts.at(found) === text) return found
      }
      const place = texts.count()
      slots[slot] = place + 1
      texts.push(text)
      bits.push(own)
      if (2 * texts.count() > slots.length) grow()
      return place
    },
    done: (): TextColumn => {
      slots = new Uint32Array(0) // Who holds the column holds these variables too.
      bits.done()
      return texts.done()
    }
  }
}
