import { WeightsError } from "../error/weights-error.ts"
import { faultSentence, nameFaults } from "../store/safetensors/name-faults.ts"
import type { BufferContents } from "./initial.ts"
import type { Layout } from "./layout.ts"

/** Parameters of frozen sets as read from files: by the set's name and the parameter's. */
export type FrozenWeights = ReadonlyMap<
  string,
  ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>

/** Empty, for a pipeline without frozen sets. */
export const noFrozen: FrozenWeights = new Map()

/**
 * Returns the buffers of a layout's frozen sets; parameters that no stage of a set has are ignored. Throws a `WeightsError` that
 * names a set's source, with all names that are missing or have another shape.
 */
export const frozenContents = ({ sets }: Pick<Layout, "sets">, read: FrozenWeights): BufferContents =>
  new Map(
    sets.flatMap(({ role, name, buffer, slots, length, source }) => {
      if (role !== "fixed") return []
      const weights = read.get(name) ?? new Map()
      const wanted = Object.fromEntries(slots.map((slot) => [slot.name, slot.shape]))
      const found = Object.fromEntries([...weights].map(([each, { shape }]) => [each, shape]))
      const fault = faultSentence({ ...nameFaults(wanted, found), unexpected: [] })
      if (fault !== undefined)
        throw new WeightsError({ file: source?.from ?? name, reason: `does not fit the frozen set '${name}': ${fault}` })
      const numbers = new Float32Array(length)
      for (const slot of slots) numbers.set(weights.get(slot.name)!.data, slot.offset)
      return [[buffer, numbers] as const]
    })
  )
