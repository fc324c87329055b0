import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bytesOf } from "../../lib/compiler/memory.ts"
import type { Program } from "../../lib/compiler/program.ts"
import type { Engine, NamedNumbers } from "../../lib/engine/engine.ts"
import { reference } from "../../lib/engine/reference/engine.ts"
import { fieldsProgram } from "../../lib/model/fields-program.ts"
import { initialState } from "../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../lib/model/layout.ts"
import { openModelSession } from "../../lib/model/model-session.ts"
import type { TrainedSet } from "../../lib/pipeline/weight-set.ts"
import { planEncoders, scoreProgram } from "../../lib/task/encoders.ts"
import { tinyPipeline, tinyScore } from "../lib/task/tiny-pipeline.ts"
import { feedsOf } from "./case.ts"
import { difference } from "./close.ts"

/** Numbers of one model may differ by so much between engines, batch sizes and numbers of threads, relatively (absolutely below 1). */
const tolerance = 2e-5

/** From so many bytes on results lie in planned memory. */
const placedBytes = 1 << 16

const largest = 64
/** Batches and numbers of threads that are tried; the reference, which is slow, runs the first of them. */
const tried: readonly (readonly [batch: number, threads: number])[] = [
  [16, 1],
  [1, 1],
  [2, 1],
  [5, 1],
  [6, 1],
  [6, 2],
  [largest, 1],
  [largest, 2],
  [largest, 3]
]
const layout = parameterLayout(tinyPipeline)
const parameters = (seed: number): Float32Array => initialState(tinyPipeline, layout, seed).get("student") as Float32Array
const model = { student: parameters(1), teacher: parameters(2).slice(0, setOf(layout, "teacher")!.length) }

/** What a model's programs are for: the encoders and the scorer of evaluation, and the fields that the teacher gives to training. */
const programs = (batch: number, who: TrainedSet): { readonly [name: string]: Program } => {
  const { images, texts } = planEncoders(tinyPipeline, layout, batch, who)
  const teacher = Object.keys(tinyPipeline.fields).filter((name) => name.startsWith("teacher."))
  const masked = ["imageMask", "fusedMaskedImage"].filter((name) => Object.hasOwn(tinyPipeline.fields, name))
  return {
    images: images.program,
    texts: texts.program,
    score: scoreProgram(tinyPipeline, layout, tinyScore, batch, who),
    ...(who === "student" ? { teacher: fieldsProgram(tinyPipeline, layout, batch, who, [...teacher, ...masked]) } : {})
  }
}

/** The first rows of what the largest batch is fed. */
const rows = (program: Program, feeds: NamedNumbers, batch: number): NamedNumbers =>
  Object.fromEntries(
    program.inputs.flatMap(({ name, source }) =>
      "feed" in source ? [[name, feeds[name]!.slice(0, (feeds[name]!.length / largest) * batch)]] : []
    )
  )
const runOn = Effect.fnUntraced(function* (engine: Engine, threads: number, program: Program, feeds: NamedNumbers) {
  const session = yield* openModelSession(engine, layout, model, { threads })
  return yield* Effect.flatMap(session.compile("program", program), (executable) => executable.run(feeds))
}, Effect.scoped)

const firstRows = (outputs: NamedNumbers, from: number, count: number): NamedNumbers =>
  Object.fromEntries(Object.entries(outputs).map(([name, numbers]) => [name, numbers.slice(0, (numbers.length / from) * count)]))

/** Where an engine's numbers of one of a model's programs are not the reference's, or differ between batches or numbers of threads. */
export const modelProgramFaults = Effect.fn(function* (engine: Engine, name: string, who: TrainedSet) {
  const all = feedsOf(programs(largest, who)[name]!)
  const of = (batch: number): Program => programs(batch, who)[name]!
  const [slow] = tried[0]!
  const expected = yield* runOn(reference, 1, of(slow), rows(of(slow), all, slow))
  const faults: string[] = []
  for (const [batch, threads] of tried) {
    const made = yield* runOn(engine, threads, of(batch), rows(of(batch), all, batch))
    const shared = Math.min(batch, slow)
    const fault = difference(firstRows(made, batch, shared), firstRows(expected, slow, shared), tolerance)
    if (fault !== undefined) faults.push(`batch ${batch}, ${threads} threads: ${fault}`)
  }
  return faults
})

/** That an engine gives a model's programs the reference's numbers, whatever the batch and the threads, where buffers pass 64 KiB. */
export const modelProgramLaws = (engine: Engine): void => {
  describe(`engine ${engine.name}: a model's programs`, () => {
    for (const who of ["student", "teacher"] as const)
      for (const [name, program] of Object.entries(programs(largest, who)))
        it.live(`${name}, read from the ${who}: the reference's numbers at every batch and number of threads`, () =>
          Effect.gen(function* () {
            assert.isTrue(program.values.some((type) => bytesOf(type) >= 2 * placedBytes))
            assert.deepEqual(yield* modelProgramFaults(engine, name, who), [])
          })
        )
  })
}
