/** Buffers that are moved in and out of TensorFlow in one call. */
export type Group = readonly string[]

/** Maximum number of elements of a group with more than one buffer: moving a group holds it in memory twice. */
const most = 2 ** 26

/**
 * Groups buffers, small ones together, none with more than `limit` elements unless it is one buffer. TensorFlow optimises the
 * whole model for each new set of tensors that is fetched, which takes seconds: so there are few sets.
 */
export const groupsOf = (
  buffers: { readonly [name: string]: { readonly length: number } },
  limit: number = most
): readonly Group[] => {
  const groups: string[][] = []
  let count = 0
  for (const [name, { length }] of Object.entries(buffers).sort(([, a], [, b]) => a.length - b.length)) {
    if (groups.length === 0 || count + length > limit) {
      groups.push([])
      count = 0
    }
    groups.at(-1)!.push(name)
    count += length
  }
  return groups
}
