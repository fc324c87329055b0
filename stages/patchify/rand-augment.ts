import { integers } from "../../lib/random/integers.ts"
import { derive, type Key } from "../../lib/random/key.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { type Affine, compose, rotate, shearX, shearY, translate } from "./affine.ts"
import { sharpen } from "./sharpen.ts"
import { applyTone, autoContrast, brightness, equalize } from "./tone.ts"
import { type Colour, warp } from "./warp.ts"

/** Arguments of an operation: its strength, 0 to 1, its drawn direction, and the image's side in pixels. */
interface Strength {
  readonly level: number
  readonly sign: 1 | -1
  readonly size: number
}

/** An operation is an affine map of the image, or a function of its values. */
type Operation =
  | { readonly moves: (strength: Strength) => Affine }
  | { readonly makes: (data: Uint8Array, strength: Strength) => Uint8Array }

/** ALBEF's brightness and sharpness: a factor from .1 to 1.9. */
const enhancement = (level: number) => level * 1.8 + 0.1

/** ALBEF shifts by at most 10 pixels of 256. */
const largestShift = 10 / 256

/** RandAugment's operations (Cubuk et al., 2019) except those on colours, with the ranges of ALBEF's code. */
export const operations = {
  identity: { makes: (data) => data },
  autoContrast: { makes: (data) => applyTone(data, autoContrast(data)) },
  equalize: { makes: (data) => applyTone(data, equalize(data)) },
  brightness: { makes: (data, { level }) => applyTone(data, brightness(data, enhancement(level))) },
  sharpness: { makes: (data, { level, size }) => sharpen(data, size, enhancement(level)) },
  shearX: { moves: ({ level, sign }) => shearX(sign * level * 0.3) },
  shearY: { moves: ({ level, sign }) => shearY(sign * level * 0.3) },
  translateX: { moves: ({ level, sign, size }) => translate(sign * level * largestShift * size, 0) },
  translateY: { moves: ({ level, sign, size }) => translate(0, sign * level * largestShift * size) },
  rotate: { moves: ({ level, sign, size }) => rotate(sign * level * 30, size) }
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof operations

/** Names of all operations; draws are indices into this list. */
export const operationNames = Object.keys(operations) as OperationName[]

export interface RandAugmentSettings {
  readonly operations: readonly OperationName[]
  /** Number of operations drawn, with replacement. */
  readonly count: number
  /** Strength, 0 to 10. */
  readonly magnitude: number
  /** Probability of applying each drawn operation. */
  readonly probability: number
  /** Colour of pixels outside a transformed image. */
  readonly fill: Colour
}

/** ALBEF's settings: two of ten operations at magnitude 7, each applied with probability ½, grey outside the image. */
export const randAugmentDefaults: RandAugmentSettings = {
  operations: operationNames,
  count: 2,
  magnitude: 7,
  probability: 0.5,
  fill: [128, 128, 128]
}

/** One operation that a key drew. */
export interface DrawnOperation {
  readonly name: OperationName
  readonly sign: 1 | -1
}

/** Returns the operations that a key draws, in order. */
export const drawOperations = ({ operations, count, probability }: RandAugmentSettings, key: Key): readonly DrawnOperation[] => {
  if (operations.length === 0) return []
  const choices = integers(derive(key, "operation"), count, 0, operations.length)
  const draws = uniform(derive(key, "strength"), 2 * count)
  return Array.from(choices, (choice, i): DrawnOperation & { readonly done: boolean } => ({
    name: operations[choice]!,
    done: draws[2 * i]! < probability,
    sign: draws[2 * i + 1]! < 0.5 ? 1 : -1
  })).flatMap(({ name, sign, done }) => (done ? [{ name, sign }] : []))
}

/**
 * Applies drawn operations to a square image in their order: uint8 [size, size, 3]; the given image is never written to.
 * Consecutive affine maps are composed, and the image is sampled once for them.
 */
export const augment = (
  data: Uint8Array,
  size: number,
  drawn: readonly DrawnOperation[],
  { magnitude, fill }: RandAugmentSettings
): Uint8Array => {
  let made = data
  let moved: Affine | undefined
  const settle = () => {
    if (moved !== undefined) made = warp(made, size, moved, fill)
    moved = undefined
  }
  for (const { name, sign } of drawn) {
    const operation: Operation = operations[name]
    const strength: Strength = { level: magnitude / 10, sign, size }
    if ("moves" in operation) {
      const map = operation.moves(strength)
      moved = moved === undefined ? map : compose(map, moved)
    } else if (name !== "identity") {
      settle()
      made = operation.makes(made, strength)
    }
  }
  settle()
  return made
}
