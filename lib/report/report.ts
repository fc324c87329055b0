import { html, raw } from "../html/markup.ts"
import { style } from "../html/style.ts"
import { attentionSection } from "./attention.ts"
import { curvesSection } from "./curves.ts"
import type { ReportData } from "./data.ts"
import { factsSection } from "./facts.ts"
import { masksSection } from "./masks.ts"
import { skippedSection } from "./skipped.ts"
import { summarySection } from "./summary.ts"
import { taskSection } from "./task.ts"

/** Renders a run as one self-contained page: no scripts, no requests; a pure function of its data. */
export const report = (data: ReportData): string => {
  const { pipeline, step, steps } = data
  const state = step < steps ? `${step} of ${steps} steps` : `${step} steps`
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${pipeline}: ${state}</title><style>${raw(style)}</style></head>
<body><header><h1>${pipeline}</h1>${summarySection(data)}</header><main>
${curvesSection(data)}
${data.tasks.map(taskSection)}
${masksSection(data)}
${attentionSection(data)}
${skippedSection(data)}
${factsSection(data)}
</main><footer>Made by semmim.</footer></body></html>
`.markup
}
