import type { ReportData } from "../../../lib/report/data.ts"
import { definition } from "../../../lib/task/retrieval/index.ts"
import type { Measured, SectionContext } from "../../../lib/task/task.ts"

const pixel = "data:image/png;base64,iVBORw0KGgo="
const grid = { rows: 2, columns: 2 }
const recalls = { tr1: 50, tr5: 75, tr10: 100, ir1: 25, ir5: 50, ir10: 100 }

/** A small measurement of retrieval. */
export const measuredRetrieval: Measured = {
  metrics: { images: 4, texts: 4, ...recalls, dual: recalls },
  details: {
    data: { name: "toy:4", digest: "00" },
    seconds: 1,
    skipped: [{ id: "toy/9", reason: "truncated" }],
    candidates: 128,
    examples: {
      textsOfImages: [
        { query: { id: "toy/1", text: null }, found: [{ id: "toy/1", text: "<i>one</i>", score: 0.9, right: true }] }
      ],
      imagesOfTexts: [
        { query: { id: "toy/2", text: "two & two" }, found: [{ id: "toy/1", text: null, score: 0.8, right: false }] }
      ]
    }
  }
}

/** What a report has of it. */
export const retrievalReport = (measured = measuredRetrieval, more: Partial<SectionContext> = {}) => {
  const context: SectionContext = { weights: "student", images: new Map([["toy/1", pixel]]), ...more }
  return { task: "retrieval", figures: definition.figures(measured, context), section: definition.section(measured, context) }
}

/** A small report with one of everything; its texts hold markup that must not become any. */
export const sampleData: ReportData = {
  pipeline: "<b>toy</b>",
  digest: "ab".repeat(32),
  step: 20,
  steps: 40,
  metrics: [1, 10, 20].map((step) => ({
    step,
    epoch: 0,
    lr: 1e-4,
    loss: 10 - step / 10,
    teacherEntropy: 3,
    samplesPerSecond: 8,
    stepSeconds: 0.5,
    dataSeconds: 0.1
  })),
  prototypes: 64,
  tasks: [retrievalReport()],
  masks: [
    {
      id: "toy/1",
      caption: '"quoted"',
      image: pixel,
      grid,
      frequency: [0, 0.5, 1, 0.5],
      masks: [
        { name: "text-guided", hidden: [0, 1, 1, 0] },
        { name: "random", hidden: [1, 0, 0, 1] }
      ]
    }
  ],
  attention: [{ id: "toy/1", caption: "a cat", image: pixel, grid, words: [{ word: "cat", weights: [0, 0.1, 0.2, 0.3] }] }],
  settings: [["training.batch", "4"]],
  environment: [["engine", "reference"]],
  skipped: [{ kind: "shard", count: 12, id: "a/<1>", reason: "shard(shard-000003.tar: missing)" }],
  credits: [{ name: "Toy", author: "A <Person>", licence: "MIT", url: "https://example.org/?a=1&b=2" }]
}
