import { firstSeen } from "./first-seen.ts"
import type { Source } from "./source.ts"

/**
 * True where samples of a source whose images have the same bytes are one image: the default, unless `?group=sample` is given.
 */
export const joinsSameImages = ({ groupBy }: Pick<Source, "groupBy">): boolean => groupBy !== "sample"

/** Merges groups that have an image in common into one: the least of them. */
export const sameImages = () => {
  const images = firstSeen()
  const parents = new Map<number, number>()
  const groupOf = (group: number): number => {
    let root = group
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next
    // Path compression: all groups on the way point to the end from now on.
    for (let at = group; at !== root; ) {
      const next = parents.get(at)!
      parents.set(at, root)
      at = next
    }
    return root
  }
  return {
    /** Records that the image with a digest (SHA-256, hexadecimal) is in a group. */
    see: (group: number, digest: string): void => {
      const [a, b] = [groupOf(images.see(group, digest)), groupOf(group)]
      if (a !== b) parents.set(Math.max(a, b), Math.min(a, b))
    },
    /** Returns the group into which a group has been merged. */
    groupOf,
    /** Returns the number of groups that were merged into another one. */
    joined: (): number => parents.size
  }
}
