import { fileURLToPath } from "node:url"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { tiny } from "../../../pipelines/tiny.ts"

/** The real command line, with the smallest pipeline only. */
export const tinyCli: CliTables = {
  ...dataTables,
  version: "1.2.3",
  pipelines: { tiny: async () => tiny },
  engines: { onnx: async () => onnx, reference: async () => reference },
  workerUrl: new URL("../../../pipelines/worker.ts", import.meta.url)
}

/** The file that a process of the real command line starts with. */
export const mainFile = fileURLToPath(new URL("../../../pipelines/main.ts", import.meta.url))

/** A run that takes two seconds with `tiny`: few steps of few pairs, a checkpoint every other step, every step logged. */
export const quickRun = (steps: number, more: readonly string[] = [], name = "tiny"): readonly string[] => [
  ...["run", name, "--steps", `${steps}`, "--threads", "1", "--workers", "0"],
  ...["batch=4", "checkpointEvery=2", "logEvery=1", "retrieval.pairs=0", "align.contrastive.queue=16"].flatMap((set) => [
    "--set",
    set
  ]),
  ...more
]
