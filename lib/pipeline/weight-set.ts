/** A set of parameters that a run trains: what can be evaluated, exported and embedded with. */
export type TrainedSet = "student" | "teacher"

/** A set of parameters that stays as it is: where it comes from, a run's folder, an exported model or a .safetensors file. */
export interface FrozenSet {
  /** Its name, and the prefix of the states that its stages add. */
  readonly frozen: string
  readonly from: string
  /** The SHA-256 of the file that it is read from; null until that was looked at. */
  readonly digest: string | null
}

/** The parameters that a stage is run with: those that are optimised, their moving average, or a frozen set. */
export type WeightSet = TrainedSet | FrozenSet

/** A set's name. */
export const setName = (weights: WeightSet): string => (typeof weights === "string" ? weights : weights.frozen)

/** The prefix of the names of a set's stages and of the states that they add. */
export const prefixOf = (weights: WeightSet): string => (weights === "student" ? "" : `${setName(weights)}.`)

/** What has the parts of a model in common: the sets that are trained, or one that is frozen. */
export const familyOf = (weights: WeightSet): string => (typeof weights === "string" ? "trained" : weights.frozen)

const reserved: ReadonlySet<string> = new Set(["student", "teacher", "trained"])

/** Describes why a frozen set cannot have a name; undefined where it can. */
export const setNameFault = (name: string): string | undefined => {
  if (reserved.has(name)) return `a frozen set cannot be called '${name}', as one that is trained is`
  return /^[a-zA-Z][\w-]*$/.test(name) ? undefined : `a frozen set cannot be called '${name}': letters, digits, - and _ only`
}
