/** Buffers that are moved in and out of TensorFlow in one call. */
export type Group = readonly string[]

/** Numbers of a group with more than one buffer: what is moved is there twice meanwhile. */
const most = 2 ** 26

/**
 * Puts buffers into groups, small ones together, none with more than `limit` numbers unless it is one buffer. TensorFlow optimises
 * the whole model again for each set of tensors that it is asked for the first time, which takes seconds: so there are few sets.
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
