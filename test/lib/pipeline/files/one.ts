import { toyPipeline } from "../../../toy/pipeline.ts"

export const only = toyPipeline({ batch: 7 })
export const other = { name: "not a pipeline" }
