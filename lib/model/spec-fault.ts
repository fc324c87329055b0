import { sizeOf } from "../compiler/program.ts"
import type { ParameterSpec } from "../pipeline/stage.ts"
import { key } from "../random/key.ts"

/** The most numbers that are drawn to compare how two parameters start. */
const probed = 256

/** A shape of as many dimensions that is small enough to be drawn at once. */
const smaller = (shape: readonly number[]): readonly number[] =>
  sizeOf(shape) <= probed ? shape : shape.map((size) => Math.min(size, 4))

const starts = ({ init, shape }: ParameterSpec): readonly number[] => [...init(key(0), smaller(shape))]

/** What a specification says, aspect by aspect, as a message puts it after the parameter's name. */
const aspects: readonly ((spec: ParameterSpec) => string)[] = [
  ({ shape }) => `as [${shape.join(", ")}]`,
  ({ decay }) => (decay ? "with weight decay" : "without weight decay"),
  ({ lrScale }) => (lrScale === undefined ? "without lrScale" : `with the lrScale '${lrScale}'`),
  ({ clamp }) => (clamp === undefined ? "without bounds" : `within [${clamp.join(", ")}]`)
]

/** Describes how two specifications of one parameter differ, one after the other; undefined where they do not. */
export const specFault = (one: ParameterSpec, other: ParameterSpec): readonly [one: string, other: string] | undefined => {
  const aspect = aspects.find((say) => say(one) !== say(other))
  if (aspect) return [aspect(one), aspect(other)]
  if (one.init === other.init) return undefined
  const [first, second] = [starts(one), starts(other)]
  const at = first.findIndex((value, i) => !Object.is(value, second[i]))
  return at < 0 ? undefined : [`starting with ${first[at]} at ${at}`, `starting with ${second[at]} at ${at}`]
}
