import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { DataError } from "../../data/data-error.ts"
import { oneLine } from "../../error/one-line.ts"
import { table } from "../../log/table.ts"
import { jsonFlag } from "../flags.ts"
import type { CliTables } from "../tables.ts"

/** Description of a pipeline in the list. */
interface Listed {
  readonly name: string
  readonly stages: readonly string[]
  readonly data: string
  readonly batch: number
  readonly steps: number
}

const listed = (tables: CliTables) =>
  Effect.forEach(Object.entries(tables.pipelines), ([name, load]) =>
    Effect.map(
      Effect.tryPromise({ try: load, catch: (cause) => new DataError({ file: name, problem: oneLine(cause) }) }),
      ({ stages, source, training }): Listed => ({
        name,
        stages: stages.map(({ stage }) => stage),
        data: source.train,
        batch: training.batch,
        steps: training.steps
      })
    )
  )

/** `semmim list`: lists the named pipelines. */
export const list = (tables: CliTables) =>
  Command.make(
    "list",
    { json: jsonFlag },
    Effect.fn("cli.list")(function* ({ json }) {
      const pipelines = yield* listed(tables)
      if (json)
        return yield* Console.log(
          JSON.stringify({ pipelines, stages: Object.keys(tables.stages), engines: Object.keys(tables.engines) })
        )
      const rows = pipelines.map(({ name, data, batch, steps, stages }) => [
        name,
        data,
        String(batch),
        String(steps),
        [...new Set(stages)].join(" ")
      ])
      yield* Console.log(table(["pipeline", "data", "batch", "steps", "stages"], rows))
    })
  ).pipe(Command.withDescription("Lists the pipelines that can be run"))
