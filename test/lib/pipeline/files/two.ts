import { toyPipeline } from "../../../toy/pipeline.ts"

export const small = toyPipeline({ batch: 2 })
export const large = toyPipeline({ batch: 8 })
