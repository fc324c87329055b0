import type { Program } from "../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import type { NoiseSpec, Stage } from "../pipeline/stage.ts"
import { derive, type Key } from "../random/key.ts"
import { emptyLike } from "./side.ts"

const prefix = "noise/"

/**
 * Returns the noise inputs of a program: one row per key, drawn by the stages as in training. Throws for an input that no stage
 * draws.
 */
export const noiseFeeds = (program: Program, stages: readonly Stage[], keys: readonly Key[]): NamedNumbers => {
  const specs = new Map<string, NoiseSpec>(
    stages.flatMap((stage) =>
      stage.kind === "tensor"
        ? Object.entries(stage.noise).map(([name, spec]) => [`${prefix}${stage.as}.${name}`, spec] as const)
        : []
    )
  )
  const asked = program.inputs.filter((input) => "feed" in input.source && input.name.startsWith(prefix))
  return Object.fromEntries(
    asked.map(({ name, value }): [string, Numbers] => {
      const spec = specs.get(name)
      if (!spec) throw new Error(`no stage draws '${name}'`)
      const shape = program.values[value]!.shape.slice(1)
      const rows = keys.map((key) => spec.draw(derive(key, name), shape))
      const all = emptyLike(
        rows[0]!,
        rows.reduce((length, row) => length + row.length, 0)
      )
      for (const [i, row] of rows.entries()) all.set(row, i * row.length)
      return [name, all]
    })
  )
}
