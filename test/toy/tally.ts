import { Effect, Schema } from "effect"
import { html } from "../../lib/html/markup.ts"
import { natural, setting } from "../../lib/pipeline/settings.ts"
import { EvaluateError } from "../../lib/task/evaluate-error.ts"
import { defineTask } from "../../lib/task/task.ts"

const Settings = Schema.Struct({
  samples: setting(natural, 4),
  data: setting(Schema.NullOr(Schema.String), null),
  /** Fails instead, as a task, or as code with a mistake in it. */
  fails: setting(Schema.Literals(["never", "always", "badly"]), "never")
})

/** A task that counts samples and reads no field: it needs no model, and fails on demand. */
export const definition = defineTask({
  name: "tally",
  summary: "counts samples",
  settings: Settings,
  formerly: { counted: "samples" },
  reads: {},
  sampleFields: {},
  data: "data",
  samples: "samples",
  metrics: Schema.Struct({ counted: Schema.Int }),
  details: Schema.Struct({ first: Schema.String }),
  evaluate: ({ source }, { fails }) => {
    if (fails === "badly") throw new Error("a mistake\nof two lines")
    return fails === "always"
      ? Effect.fail(new EvaluateError({ task: "tally", reason: "it was told to" }))
      : Effect.succeed({ metrics: { counted: source.count }, details: { first: source.id(0) }, skipped: [] })
  },
  validate: ({ source }, { fails }) =>
    fails === "never"
      ? Effect.succeed({ counted: source.count })
      : Effect.fail(new EvaluateError({ task: "tally", reason: "it was told to" })),
  text: ({ metrics, data }) => [`${metrics.counted} samples of ${data.name}`],
  card: ({ metrics }) => `${metrics.counted} samples\n`,
  figures: ({ metrics }) => [{ value: String(metrics.counted), name: "samples" }],
  section: ({ metrics }) => html`<section id="tally"><h2>Tally</h2><p>${metrics.counted}</p></section>`,
  choice: ({ counted }) => counted
})

export const tally = (settings: typeof Settings.Encoded = {}) => definition.make(settings)
