import { sizeOf } from "../compiler/program.ts"
import type { ParameterSpec } from "../pipeline/stage.ts"
import { key } from "../random/key.ts"

/** Maximum number of elements drawn to compare the initialisation of two parameters. */
const probed = 256

/** Returns a shape of the same rank that is small enough to be drawn at once. */
const smaller = (shape: readonly number[]): readonly number[] =>
  sizeOf(shape) <= probed ? shape : shape.map((size) => Math.min(size, 4))

const starts = ({ init, shape }: ParameterSpec): readonly number[] => [...init(key(0), smaller(shape))]

/** Aspects of a specification, each formatted to follow the parameter's name in a message. */
const aspects: readonly ((spec: ParameterSpec) => string)[] = [
  ({ shape }) => `as [${shape.join(", ")}]`,
  ({ decay }) => (decay ? "with weight decay" : "without weight decay"),
  ({ lrScale }) => (lrScale === undefined ? "without lrScale" : `with the lrScale '${lrScale}'`),
  ({ clamp }) => (clamp === undefined ? "without bounds" : `within [${clamp.join(", ")}]`)
]

/** Describes the difference of two specifications of one parameter, one description for each; undefined where they are equal. */
export const specFault = (one: ParameterSpec, other: ParameterSpec): readonly [one: string, other: string] | undefined => {
  const aspect = aspects.find((say) => say(one) !== say(other))
  if (aspect) return [aspect(one), aspect(other)]
  if (one.init === other.init) return undefined
  const [first, second] = [starts(one), starts(other)]
  const at = first.findIndex((value, i) => !Object.is(value, second[i]))
  return at < 0 ? undefined : [`starting with ${first[at]} at ${at}`, `starting with ${second[at]} at ${at}`]
}
