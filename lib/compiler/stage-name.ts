import * as tf from "@tensorflow/tfjs"

let current = "(none)"

/** The stage whose code is being traced. */
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

type Thunks = Record<string, () => tf.Tensor>
interface TapeNode {
  gradient?: (dys: tf.Tensor[]) => Thunks
}
interface TapeEngine {
  addTapeNode(...rest: unknown[]): void
  readonly state: { readonly activeTape: TapeNode[] | null }
}

let tracked = false
/**
 * Makes the ops of a backward pass carry the name of the stage whose forward they belong to.
 * tfjs has no hook for it: the tape's nodes are wrapped as they are added, once per process.
 */
export const trackStages = (): void => {
  if (tracked) return
  tracked = true
  const engine = tf.engine() as unknown as TapeEngine // addTapeNode is private, but there is no other way in
  const add = engine.addTapeNode
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
