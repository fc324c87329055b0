import { Effect } from "effect"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { type Program, sizeOf } from "../compiler/program.ts"
import type { Executable, NamedNumbers, Numbers } from "../engine/engine.ts"
import { WeightsError } from "../error/weights-error.ts"
import { integers } from "../random/integers.ts"
import { derive, type Key } from "../random/key.ts"
import { normal } from "../random/normal.ts"

/** Largest difference attributed to rounding, as a share of an output's largest absolute value. */
export const tolerance = 1e-4

/** Returns random values for each input of a program: normal; ids below `ids`; or ones for a mask. */
export const randomFeeds = (program: Program, ids: number, key: Key): NamedNumbers =>
  Object.fromEntries(
    program.inputs.flatMap(({ name, value, source }): readonly (readonly [string, Numbers])[] => {
      if (!("feed" in source)) return []
      const { shape, dtype } = program.values[value]!
      const own = derive(key, name)
      const size = sizeOf(shape)
      if (dtype === "float32") return [[name, normal(own, size)]]
      return [[name, dtype === "int32" ? integers(own, size, 0, ids) : new Uint8Array(size).fill(1)]]
    })
  )

/**
 * Returns the largest difference between two outputs, as a share of the largest absolute value; Infinity where a value is not
 * finite.
 */
export const relativeDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = 0
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!)
    if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY
    most = Math.max(most, difference)
    largest = Math.max(largest, Math.abs(a[i]!), Math.abs(b[i]!))
  }
  return a.length !== b.length ? Number.POSITIVE_INFINITY : largest === 0 ? 0 : most / largest
}

/** The same program in an engine, and its feeds. */
export interface ParityCase {
  readonly program: Program
  readonly executable: Executable
  readonly feeds: NamedNumbers
}

/**
 * Runs an exported model and the executable of each case on the case's inputs, and returns the largest relative difference. Fails
 * with a `WeightsError` that names the output that differs by more than `tolerance`, and the shape of the case's first input.
 */
export const checkParity = Effect.fn("weights.checkParity")(function* (
  file: string,
  model: Uint8Array,
  cases: readonly ParityCase[]
) {
  const refuse = (reason: string) => new WeightsError({ file, reason })
  const words = (error: unknown): string => (error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error))
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (error) => refuse(`cannot be run: ${words(error)}`) })
  const session = yield* Effect.acquireRelease(
    attempt(() => InferenceSession.create(model, { logSeverityLevel: 3 })),
    (session) => Effect.promise(() => session.release())
  )
  let most = 0
  for (const { program, executable, feeds } of cases) {
    const expected = yield* executable.run(feeds)
    const fed = program.inputs.filter(({ name }) => feeds[name] !== undefined)
    const tensors = fed.map(({ name, value }) => {
      const { dtype, shape } = program.values[value]!
      return [name, new Tensor(dtype, feeds[name]!, [...shape])] as const
    })
    const found = yield* attempt(() => session.run(Object.fromEntries(tensors)))
    for (const { name } of program.outputs) {
      const tensor = found[name]
      if (!tensor) return yield* refuse(`has no output '${name}'`)
      const difference = relativeDifference(expected[name] as Float32Array, tensor.data as Float32Array)
      const share = `${difference.toExponential(1)} of its largest number`
      const given = fed[0] && program.values[fed[0].value]!.shape.join(", ")
      if (!(difference <= tolerance)) return yield* refuse(`'${name}' differs from the model's by ${share}, given [${given}]`)
      most = Math.max(most, difference)
    }
  }
  return most
}, Effect.scoped)
