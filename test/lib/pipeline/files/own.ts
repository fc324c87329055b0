import { pairs, pipeline } from "../../../../lib/pipeline/pipeline.ts"
import type { StageDefinition } from "../../../../lib/pipeline/settings.ts"
import { trainSettings } from "../../../../lib/pipeline/training-settings.ts"
import { definition, letters } from "../../../toy/letters.ts"

const spelled = (settings: { readonly count: number }, as = "spell") => ({ ...letters(settings, as), stage: "spell" as const })

const spell: StageDefinition = {
  ...definition,
  name: "spell",
  make: (given, as) => spelled(given as { readonly count: number }, as)
}

export const stages = [spell]

export const own = pipeline("own", pairs("toy:10"))
  .pipe(spelled({ count: 4 }))
  .train(trainSettings({ batch: 4, steps: 10, learningRate: 0.1 }))
