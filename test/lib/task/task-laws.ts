import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../lib/data/open-source.ts"
import { loadPipeline, type Tables } from "../../../lib/pipeline/load.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { pairs, pipeline, pipelineWith, toData } from "../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { readEvaluation, reservedNames, writeEvaluation } from "../../../lib/task/evaluation.ts"
import type { TaskDefinition, TaskInputs } from "../../../lib/task/task.ts"
import { show } from "../../../lib/tensor/field.ts"
import { tokenize, trained } from "../../../stages/tokenize/index.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { tinyLayout as layout, openTinyModel } from "./tiny-model.ts"
import { tinyPipeline } from "./tiny-pipeline.ts"

const bare = { ...tinyPipeline, tasks: [] }
const inside = temporaryFolder("tasks")

/** What every task must keep, of one whose samples `data` has. */
export const taskLaws = (definition: TaskDefinition, tables: Tables, data: string): void => {
  const { name } = definition
  const task = definition.make({})
  const evaluated = pipelineWith(bare, task)
  const measured = Effect.gen(function* () {
    const { host, session } = yield* openTinyModel
    const source = { ...(yield* openSource(data, definition.sampleFields)), count: 9 }
    const opened = { session, pipeline: evaluated, layout, host, step: 3 }
    const inputs: TaskInputs = { ...opened, who: "student", batch: 4, source, whole: source, captions: 1, metrics: [] }
    return { inputs, found: yield* definition.measure(inputs, task) }
  })

  layer(NodeServices.layer)(`task ${name}`, (it) => {
    it.effect("is recorded in its pipeline, and made again from it", () =>
      Effect.sync(() => {
        const record = toData(evaluated).tasks
        assert.deepStrictEqual(record, [{ task: name, settings: task.settings }])
        const again = loadPipeline(JSON.parse(JSON.stringify(toData(evaluated))), tables)
        assert.deepStrictEqual(toData(again), toData(evaluated))
        assert.notInclude(reservedNames, name)
      })
    )

    it.effect("is refused in the words of wiring where the pipeline lacks a field that it reads, or has the task already", () =>
      Effect.sync(() => {
        const start = pipeline("words", pairs("embedded:emoji")).pipe(
          tokenize({ vocabulary: trained({ size: 400 }), length: 12 })
        )
        const [field, wanted] = Object.entries(definition.make({}).reads)[0] ?? []
        const refusal = () => start.evaluate(task as never)
        if (field !== undefined && wanted !== undefined)
          assert.throws(refusal, `words: ${name} reads '${field}' (${show(wanted)}), which no stage before it adds`)
        assert.throws(() => pipelineWith(evaluated, task), `'${name}' is evaluated already`)
        const finished = start.train(trainSettings({ batch: 1, steps: 1, learningRate: 0 }))
        if (field !== undefined) assert.throws(() => pipelineWith(finished, task), `words: ${name} reads '${field}'`)
      })
    )

    it.effect("takes its settings by its name, and says in one line what it does not take", () =>
      Effect.sync(() => {
        const { setting, count } = definition.samples(task)
        assert.isTrue(setting.startsWith(`${name}.`))
        const changed = overridden(evaluated, [`${setting}=${count + 3}`], tables)
        assert.strictEqual(definition.samples(changed.tasks[0]!).count, count + 3)
        assert.throws(() => overridden(evaluated, [`${setting}=many`], tables), `--set ${setting}: expected whole number ≥ 0`)
        assert.throws(
          () => overridden(evaluated, [`${name}.nothing=1`], tables),
          "there is no setting 'nothing'; expected one of "
        )
        assert.throws(() => definition.make({ nothing: 1 }), `${name} has no setting 'nothing'`)
        for (const [before, now] of Object.entries(definition.formerly ?? {}))
          assert.throws(
            () => overridden(evaluated, [`${before}=4`], tables),
            `--set ${before}: this setting is ${name}.${now} now`
          )
      })
    )

    it.effect(
      "writes its metrics into evaluation.json under its name, and reads, shows and tells them again",
      () =>
        Effect.gen(function* () {
          const { found } = yield* measured
          const folder = mkdtempSync(join(inside, "e-"))
          const model = { pipeline: "tiny", weights: "student", step: 3 } as const
          const evaluation = { model, measured: { [name]: found }, failed: { other: "it failed" } }
          yield* writeEvaluation(folder, evaluation)
          assert.deepStrictEqual(yield* readEvaluation(folder, { [name]: definition }), evaluation)
          assert.deepStrictEqual((yield* readEvaluation(folder, {}))?.measured, {})
          yield* writeEvaluation(folder, { ...evaluation, measured: { [name]: { ...found, metrics: { odd: 1 } } } })
          const error = yield* Effect.flip(readEvaluation(folder, { [name]: definition }))
          assert.match(error.message, /^[^\n]*evaluation\.json: [^\n]*; semmim evaluate measures the model anew$/)

          const context = { weights: "student", images: new Map<string, string>() } as const
          assert.include(definition.section(found, context).markup, `<section id="${name}">`)
          for (const { value, name: what } of definition.figures(found, context)) assert.isTrue(value !== "" && what !== "")
          assert.include(definition.text(found).join("\n"), data)
          assert.isTrue(definition.card(found).endsWith("\n"))
          assert.strictEqual(definition.view(found).data.name, data)
        }),
      120_000
    )

    it.effect(
      "gives numbers to choose a checkpoint by, under its name",
      () =>
        Effect.gen(function* () {
          const { inputs } = yield* measured
          const metrics = Object.entries(yield* definition.validate(inputs, task))
          assert.isAbove(metrics.length, 0)
          for (const [metric, value] of metrics) assert.isTrue(metric.startsWith(`${name}.`) && Number.isFinite(value), metric)
        }),
      120_000
    )
  })
}
