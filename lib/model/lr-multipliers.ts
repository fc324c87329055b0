import { WiringError } from "../pipeline/errors.ts"
import type { TrainSettings } from "../pipeline/training-settings.ts"

type Settings = Pick<TrainSettings, "learningRates" | "layerDecay">

/** Returns the predicate that is true for names matching a pattern in which `*` stands for any characters. */
const fits = (pattern: string): ((name: string) => boolean) => {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
  const expression = new RegExp(`^${parts.join(".*")}$`)
  return (name) => expression.test(name)
}

/** Returns the number of pairs of adjacent characters of a text that also occur in another. */
const alike = (text: string, other: string): number => {
  const pairs = new Set(Array.from({ length: other.length }, (_, i) => other.slice(i, i + 2)))
  return Array.from({ length: text.length }, (_, i) => text.slice(i, i + 2)).filter((pair) => pairs.has(pair)).length
}

/** Returns the names most similar to a pattern, best first. */
const near = (pattern: string, names: readonly string[]): readonly string[] => {
  const text = pattern.replaceAll("*", "")
  return names
    .map((name) => ({ name, score: alike(text, name) - name.length / 1000 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 4)
    .map(({ name }) => name)
}

const place = /^(.+?)\.(?:embeddings|encoder\.layer\.(\d+))\./

/** Returns the number of layers of each encoder, by the prefix of its parameters' names. */
const depths = (names: readonly string[]): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const name of names) {
    const [, encoder, layer] = place.exec(name) ?? []
    if (encoder !== undefined && layer !== undefined) found.set(encoder, Math.max(found.get(encoder) ?? 0, Number(layer) + 1))
  }
  return found
}

/**
 * Returns the multiplier of the learning rate of each parameter: that of the last matching pattern in `learningRates`, else 1,
 * times powers of `layerDecay`: in an encoder of L layers, the power L − i for layer i (from 0) and L + 1 for its embeddings (as
 * in fine-tuning BEiT, Bao et al. 2022); none for other parameters. 0 means that the parameter is frozen.
 *
 * Throws a `WiringError` for a pattern that matches no parameter, with the most similar names, and where nothing would be
 * trained.
 */
export const lrMultipliers = (
  pipeline: string,
  { learningRates = [], layerDecay = 1 }: Settings,
  names: readonly string[]
): ReadonlyMap<string, number> => {
  const refuse = (problem: string) => new WiringError({ pipeline, problem: `training.${problem}` })
  const rules = learningRates.map(({ match, scale }) => ({ scale, matches: fits(match), match }))
  for (const { match, matches } of rules)
    if (!names.some(matches))
      throw refuse(`learningRates: '${match}' fits no parameter; the nearest are ${near(match, names).join(", ")}`)
  const layers = depths(names)
  if (layerDecay !== 1 && layers.size === 0)
    throw refuse("layerDecay: no parameter is of an encoder's layer (NAME.encoder.layer.0. …)")
  const below = (name: string): number => {
    const [, encoder, layer] = place.exec(name) ?? []
    const depth = encoder === undefined ? undefined : layers.get(encoder)
    if (depth === undefined) return 0
    return layer === undefined ? depth + 1 : depth - Number(layer)
  }
  const multiplier = (name: string): number => {
    const scale = rules.findLast(({ matches }) => matches(name))?.scale ?? 1
    return layerDecay === 1 ? scale : scale * layerDecay ** below(name)
  }
  const all = new Map(names.map((name) => [name, multiplier(name)]))
  if (rules.length > 0 && [...all.values()].every((value) => value === 0))
    throw refuse("learningRates: every parameter has the scale 0, so nothing is trained")
  return all
}
