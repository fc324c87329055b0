/** Number of 32-bit words kept of a digest: 128 bits, so that collisions are practically impossible for any list. */
const words = 4

const emptySlots = (count: number): Int32Array => new Int32Array(count).fill(-1)

/**
 * Finds earlier occurrences of contents by their SHA-256 (hexadecimal), in about 40 bytes per content, without an object for
 * each.
 *
 * `see(place, digest)` returns the place at which the digest was first seen, `place` itself for a new one.
 */
export const firstSeen = () => {
  let slots = emptySlots(2048)
  let kept = new Uint32Array((slots.length / 2) * words)
  let places = new Float64Array(slots.length / 2)
  let count = 0

  /** Returns the slot of a digest: the one that contains it, or the free one where it belongs. */
  const slotOf = (parts: ArrayLike<number>, from: number): number => {
    for (let slot = parts[from]! & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const owner = slots[slot]!
      if (owner < 0) return slot
      let same = 0
      while (same < words && kept[owner * words + same] === parts[from + same]) same++
      if (same === words) return slot
    }
  }
  const grow = (): void => {
    slots = emptySlots(slots.length * 2)
    const [digests, before] = [new Uint32Array(kept.length * 2), new Float64Array(places.length * 2)]
    digests.set(kept)
    before.set(places)
    kept = digests
    places = before
    for (let owner = 0; owner < count; owner++) slots[slotOf(kept, owner * words)] = owner
  }
  return {
    see: (place: number, digest: string): number => {
      if (count === places.length) grow()
      const parts = Uint32Array.from({ length: words }, (_, i) => Number.parseInt(digest.slice(8 * i, 8 * i + 8), 16))
      const slot = slotOf(parts, 0)
      const owner = slots[slot]!
      if (owner >= 0) return places[owner]!
      slots[slot] = count
      kept.set(parts, count * words)
      places[count++] = place
      return place
    },
    /** Returns the number of distinct digests seen. */
    distinct: (): number => count
  }
}
