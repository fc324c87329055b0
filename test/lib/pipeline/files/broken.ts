import { chain } from "../../../../lib/pipeline/pipeline.ts"
import { weigh } from "../../../toy/weigh.ts"

export const broken = chain({}).pipe(weigh({ scales: { name: "scales", width: 3 } }) as never)
