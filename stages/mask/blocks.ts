import { derive, type Key } from "../../lib/random/key.ts"
import { permutation } from "../../lib/random/permutation.ts"
import { uniform } from "../../lib/random/uniform.ts"

/** A block of patches: its first row and column, and its height and width in patches. */
export interface Rectangle {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** Grid and shape of blocks, and the number of patches that they cover together. */
export interface BlockSettings {
  readonly rows: number
  readonly columns: number
  readonly count: number
  /** Minimum area of a block, where that many patches remain to be masked. */
  readonly minimum: number
  readonly maximum: number
  /** Minimum aspect ratio of a block; the maximum is its inverse. */
  readonly aspect: number
}

/** Rectangles, and single patches where no further rectangle was found; together exactly `count` patches. */
export interface Blocks {
  readonly rectangles: readonly Rectangle[]
  readonly single: readonly number[]
  /** Indices of all masked patches, without duplicates. */
  readonly patches: readonly number[]
}

const attempts = 10
const round = (x: number): number => Math.floor(x + 0.5)

/** Indices of a rectangle's patches. */
export const covered = ({ top, left, height, width }: Rectangle, columns: number): readonly number[] =>
  Array.from({ length: height * width }, (_, i) => (top + Math.floor(i / width)) * columns + left + (i % width))

const attempt = (settings: BlockSettings, left: number, draw: Float32Array): Rectangle | undefined => {
  const { rows, columns, minimum, maximum, aspect } = settings
  const high = Math.min(left, maximum)
  const low = Math.min(minimum, high)
  const area = low + draw[0]! * (high - low)
  const ratio = Math.exp((2 * draw[1]! - 1) * -Math.log(aspect))
  const height = round(Math.sqrt(area * ratio))
  const width = round(Math.sqrt(area / ratio))
  if (height < 1 || width < 1 || height > rows || width > columns) return undefined
  const corner = (u: number, free: number): number => Math.floor(u * (free + 1))
  return { top: corner(draw[2]!, rows - height), left: corner(draw[3]!, columns - width), height, width }
}

/**
 * Block-wise masking (BEiT, Bao et al. 2022, algorithm 1): blocks of a random area and aspect at random places, each accepted if
 * it masks something new but not too much, up to 10 attempts each; then single patches at random, up to exactly `count`.
 */
export const blocks = (settings: BlockSettings, key: Key): Blocks => {
  const { rows, columns, count } = settings
  const masked = new Set<number>()
  const rectangles: Rectangle[] = []
  const grow = (): boolean => {
    const draws = uniform(derive(key, "block", rectangles.length), 4 * attempts)
    for (let i = 0; i < attempts; i++) {
      const rectangle = attempt(settings, count - masked.size, draws.subarray(4 * i, 4 * i + 4))
      const fresh = rectangle ? covered(rectangle, columns).filter((patch) => !masked.has(patch)) : []
      if (!rectangle || fresh.length === 0 || fresh.length > count - masked.size) continue
      rectangles.push(rectangle)
      for (const patch of fresh) masked.add(patch)
      return true
    }
    return false
  }
  while (masked.size < count && grow());
  const order = permutation(derive(key, "single"), rows * columns)
  const single: number[] = []
  for (let i = 0; masked.size < count; i++) {
    const patch = order(i)
    if (masked.has(patch)) continue
    masked.add(patch)
    single.push(patch)
  }
  return { rectangles, single, patches: [...masked] }
}
