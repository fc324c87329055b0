import { dataTables } from "../../../pipelines/stages.ts"
import { definition as tally } from "../../toy/tally.ts"
import { taskLaws } from "./task-laws.ts"

/** Data that have the samples of every task. */
const data = "embedded:emoji-labels-held-out"

for (const definition of Object.values(dataTables.tasks)) taskLaws(definition, dataTables, data)

// One that needs no model.
taskLaws(tally, { ...dataTables, tasks: { tally } }, data)
