import * as tf from "@tensorflow/tfjs"

let current = "(none)"

/** Returns the stage whose code is being traced. */
export const currentStage = (): string => current

/** Runs code under a stage's name. */
export const inStage = <A>(name: string, f: () => A): A => {
  const before = current
  current = name
  try {
    return f()
  } finally {
    current = before
  }
}

let scopes = 0
let scope = 0

/** Returns the number of the backward pass that is being recorded, unique for each; 0 outside. */
export const backwardScope = (): number => scope

type Thunks = Record<string, () => tf.Tensor>
interface TapeNode {
  gradient?: (dys: tf.Tensor[]) => Thunks
}
interface TapeEngine {
  addTapeNode(...rest: unknown[]): void
  tidy(...given: unknown[]): unknown
  readonly state: { readonly activeTape: TapeNode[] | null }
}

let tracked = false
/**
 * Marks the ops of a backward pass as such, and names them after the stage of their forward pass. tfjs has no hooks for it: the
 * tape's nodes are wrapped as they are added, and so is the scope that it names `backward`, once per process.
 */
export const trackStages = (): void => {
  if (tracked) return
  tracked = true
  const engine = tf.engine() as unknown as TapeEngine // addTapeNode is private, but there is no other way in
  const { addTapeNode: add, tidy } = engine
  engine.tidy = function (this: TapeEngine, ...given) {
    if (given[0] !== "backward") return tidy.apply(this, given)
    const before = scope
    scope = ++scopes
    try {
      return tidy.apply(this, given)
    } finally {
      scope = before
    }
  }
  engine.addTapeNode = function (this: TapeEngine, ...rest) {
    add.apply(this, rest)
    const node = this.state.activeTape?.at(-1)
    const gradient = node?.gradient
    if (!node || !gradient) return
    const name = current
    node.gradient = (dys) =>
      Object.fromEntries(
        Object.entries(inStage(name, () => gradient(dys))).map(([input, thunk]) => [input, () => inStage(name, thunk)])
      )
  }
}
