import type * as tf from "@tensorflow/tfjs"
import { type Program, sizeOf } from "../../lib/compiler/program.ts"
import { type Traced, type Tracer, trace } from "../../lib/compiler/trace.ts"
import type { NamedNumbers, Numbers } from "../../lib/engine/engine.ts"
import { integers } from "../../lib/random/integers.ts"
import { derive, key } from "../../lib/random/key.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { seed } from "../seed.ts"

/** A program, by the behaviour that it shows. */
export interface Case {
  readonly name: string
  readonly program: () => Program
}

/** A case of its traced code. */
export const of = (name: string, body: (t: Tracer) => Traced): Case => ({ name, program: () => trace(body) })

/** Fed inputs of each type. */
export const floats = (t: Tracer, name: string, ...shape: number[]): tf.Tensor => t.input(name, shape, "float32")
export const ints = (t: Tracer, name: string, ...shape: number[]): tf.Tensor => t.input(name, shape, "int32")
export const bools = (t: Tracer, name: string, ...shape: number[]): tf.Tensor => t.input(name, shape, "bool")

/** Numbers for each fed input: floats in [−2, 2), integers from 0 to 5, bools. */
export const feedsOf = (program: Program, draw = 0): NamedNumbers =>
  Object.fromEntries(
    program.inputs.flatMap(({ name, value, source }): [string, Numbers][] => {
      if (!("feed" in source)) return []
      const { shape, dtype } = program.values[value]!
      const from = derive(key(seed), name, draw)
      const size = sizeOf(shape)
      if (dtype === "int32") return [[name, integers(from, size, 0, 6)]]
      const numbers = uniform(from, size)
      return [[name, dtype === "bool" ? Uint8Array.from(numbers, (u) => (u < 0.5 ? 1 : 0)) : numbers.map((u) => 4 * u - 2)]]
    })
  )
