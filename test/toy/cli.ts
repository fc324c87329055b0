import type { CliTables } from "../../lib/cli/tables.ts"
import { reference } from "../../lib/engine/reference/engine.ts"
import { toyPipeline, toyTables } from "./pipeline.ts"

const endless = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => {}, 1000)
    process.stdout.write("waiting\n")
  })

/** The command line over the toy stages; `explain endless` never ends. */
export const toyCli: CliTables = {
  ...toyTables,
  version: "1.2.3",
  pipelines: { toy: async () => toyPipeline(), large: async () => toyPipeline({ batch: 64, source: "toy:999" }), endless },
  engines: {
    reference: async () => reference,
    absent: () => Promise.reject(new Error("cannot find the library\nthat it needs"))
  },
  workerUrl: new URL("worker.ts", import.meta.url),
  measures: { flops: () => 1234 }
}
