/** Arrays of the pool. */
type Lent = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

/** Maximum bytes of free arrays that a thread keeps: a few dozen views of 256 pixels as float32. */
const keptBytes = 32 * 2 ** 20

const kinds = { float32: Float32Array, uint8: Uint8Array } as const
type Kinds = { readonly [K in keyof typeof kinds]: InstanceType<(typeof kinds)[K]> & Lent }

const lent = new WeakSet<object>()
const spare = new Map<string, Lent[]>()
let spareBytes = 0

const nameOf = (kind: string, length: number) => `${kind} ${length}`

/**
 * Drops free arrays of the lengths that have not been released for the longest time, until there is room: otherwise images of
 * every size would fill it permanently.
 */
const makeRoom = (bytes: number): void => {
  for (const [name, spares] of spare) {
    while (spareBytes + bytes > keptBytes && spares.length > 0) spareBytes -= spares.pop()!.byteLength
    if (spares.length > 0) return
    spare.delete(name)
  }
}

/**
 * Returns an array of `length` numbers with undefined content, left over from earlier use: the caller overwrites all of it. It
 * may be kept indefinitely, or returned with `releaseBuffer`.
 *
 * Views are larger than everything else that a sample allocates, and are not JavaScript objects: V8 answers about every 40 MB of
 * new ones with a collection of the whole heap, which took longer than decoding.
 */
export const acquireBuffer = <K extends keyof Kinds>(kind: K, length: number): Kinds[K] => {
  const found = spare.get(nameOf(kind, length))?.pop()
  if (found !== undefined) spareBytes -= found.byteLength
  const array = (found ?? new kinds[kind](length)) as Kinds[K] // spares are kept by kind
  lent.add(array)
  return array
}

/**
 * Returns an array of `acquireBuffer` to the pool; the caller and all others must not read it afterwards. Any other value, and an
 * array that was returned before, is ignored.
 */
export const releaseBuffer = (value: unknown): void => {
  if (!(value instanceof Float32Array || value instanceof Uint8Array) || !lent.delete(value)) return
  if (value.byteLength > keptBytes) return
  makeRoom(value.byteLength)
  const name = nameOf(value instanceof Float32Array ? "float32" : "uint8", value.length)
  const spares = spare.get(name) ?? []
  spare.delete(name)
  spare.set(name, [...spares, value as Lent]) // `acquireBuffer` makes no other type; the last in order are those released last
  spareBytes += value.byteLength
}
