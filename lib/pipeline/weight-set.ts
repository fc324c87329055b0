/** A set of parameters that a run trains, and that can be evaluated, exported and used to embed. */
export type TrainedSet = "student" | "teacher"

/** A set of parameters that stays constant, and its source: a run's folder, an exported model or a .safetensors file. */
export interface FrozenSet {
  /** Its name, which is the prefix of the states that its stages add. */
  readonly frozen: string
  readonly from: string
  /** SHA-256 of the file that it is read from; null until that file is read. */
  readonly digest: string | null
}

/** Parameters that a stage runs with: the optimised ones, their moving average, or a frozen set. */
export type WeightSet = TrainedSet | FrozenSet

/** Returns a set's name. */
export const setName = (weights: WeightSet): string => (typeof weights === "string" ? weights : weights.frozen)

/** Returns the prefix of the names of a set's stages and of the states that they add. */
export const prefixOf = (weights: WeightSet): string => (weights === "student" ? "" : `${setName(weights)}.`)

/** Returns the name of the family of weight sets that share a model's definition: the trained sets, or one frozen set. */
export const familyOf = (weights: WeightSet): string => (typeof weights === "string" ? "trained" : weights.frozen)

const reserved: ReadonlySet<string> = new Set(["student", "teacher", "trained"])

/** Returns the reason why a frozen set cannot have a name; undefined where it can. */
export const setNameFault = (name: string): string | undefined => {
  if (reserved.has(name)) return `a frozen set cannot be called '${name}', as one that is trained is`
  return /^[a-zA-Z][\w-]*$/.test(name) ? undefined : `a frozen set cannot be called '${name}': letters, digits, - and _ only`
}
