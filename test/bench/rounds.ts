// Trains a pipeline in rounds, its replicas one after the other in this process, and evaluates what comes out: the numbers of
// `semmim submit` with as many workers, without queue and store. With `--replicas 1` it is one process with the whole batch.
// node test/bench/rounds.ts --replicas 2 --seed 0 --set batch=256 --set steps=425 [--rounds localSteps=20 --rounds rate=1]
import { parseArgs } from "node:util"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { hostContextOf } from "../../lib/data/host/host-context.ts"
import { noCaches } from "../../lib/data/host/prepared-cache.ts"
import { openStages } from "../../lib/data/host/ready-stage.ts"
import { onnx } from "../../lib/engine/onnx/engine.ts"
import { initialState } from "../../lib/model/initial.ts"
import { openModelSession } from "../../lib/model/model-session.ts"
import { overridden } from "../../lib/pipeline/override.ts"
import { roundSettings } from "../../lib/pipeline/rounds-settings.ts"
import { derive, key } from "../../lib/random/key.ts"
import { evaluateRetrieval } from "../../lib/task/retrieval/evaluate-retrieval.ts"
import { someOf } from "../../lib/task/subset.ts"
import { openSliceTrainer } from "../../lib/train/rounds/local-steps.ts"
import { type Delta, outerStep, type Shared } from "../../lib/train/rounds/outer-step.ts"
import { replicaPipeline } from "../../lib/train/rounds/replica-pipeline.ts"
import { roundSpans } from "../../lib/train/rounds/round-spans.ts"
import { emoji } from "../../pipelines/emoji.ts"
import { dataTables } from "../../pipelines/stages.ts"

const { values } = parseArgs({
  options: {
    replicas: { type: "string", default: "2" },
    seed: { type: "string", default: "0" },
    threads: { type: "string", default: "2" },
    set: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", multiple: true, default: [] }
  }
})
const threads = Number(values.threads)
const replicas = Number(values.replicas)
const whole = overridden(emoji, [`seed=${values.seed}`, ...values.set], dataTables)
const own = Object.fromEntries(values.rounds.map((each) => each.split("=")).map(([name, value]) => [name, Number(value)]))
// One replica's steps in a row are a run of one process.
const rounds = roundSettings({
  replicas,
  ...(replicas === 1 ? { localSteps: whole.training.steps } : whole.training.rounds),
  ...own
})
const pipeline = replicaPipeline(whole, replicas)
const { steps, momentum, seed } = pipeline.training
const { settings, chain } = pipeline.tasks[0]!
const { pairs, candidates } = settings as { readonly pairs: number; readonly candidates: number } // of retrieval

const without = <A>(contents: ReadonlyMap<string, A>, names: readonly string[]): ReadonlyMap<string, A> =>
  new Map([...contents].filter(([name]) => !names.includes(name)))
const isShared = ["student", "teacher"]

const train = Effect.gen(function* () {
  const trainer = yield* openSliceTrainer({ pipeline, engine: onnx, threads, cache: ".cache", tables: dataTables })
  const { layout } = trainer
  const begin = initialState(pipeline, layout, seed)
  const of = (contents: typeof begin, name: string) => contents.get(name) as Float32Array // as initialState makes them
  let shared: Shared = { student: of(begin, "student"), teacher: of(begin, "teacher"), velocity: new Float32Array(layout.length) }
  const kept = Array.from({ length: replicas }, () => without(begin, isShared))
  for (const { from, steps: local } of roundSpans(pipeline.training, rounds)) {
    const deltas: Delta[] = []
    for (const [replica, each] of kept.entries()) {
      const contents = new Map([...each, ["student", shared.student], ["teacher", shared.teacher!]])
      const outcome = yield* trainer.run({ replica, replicas, from, steps: local, contents })
      const after = of(outcome.contents, "student")
      deltas.push({ replica, samples: outcome.samples, values: shared.student.map((value, i) => value - after[i]!) })
      kept[replica] = without(outcome.contents, isShared)
      const { step, loss } = outcome.metrics.at(-1)!
      process.stderr.write(`step ${step} replica ${replica} loss ${loss.toFixed(3)}\n`)
    }
    const { rate, momentum: outer } = rounds
    shared = outerStep(shared, deltas, layout.slots, { rate, momentum: outer, teacherMomentum: momentum ** local })
  }
  return { shared, layout }
}).pipe(Effect.scoped)

const bench = Effect.gen(function* () {
  const start = performance.now()
  const { shared, layout } = yield* train
  const session = yield* openModelSession(onnx, layout, { student: shared.student, teacher: shared.teacher! }, { threads })
  const host = yield* openStages(pipeline, hostContextOf(pipeline.source.train, dataTables.openSource, noCaches))
  const source = someOf(yield* dataTables.openSource(pipeline.source.heldOut!), pairs, derive(key(seed), "evaluate"))
  const inputs = { session, pipeline, layout, host, source, step: steps }
  const { tr1, ir1, tr10, ir10 } = (yield* evaluateRetrieval(inputs, { captions: 1, k: candidates, chain })).metrics.dual
  const { localSteps, growth, rate } = rounds
  const how = { replicas, seed, batch: whole.training.batch, steps, localSteps, growth, rate, momentum: rounds.momentum }
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(JSON.stringify({ ...how, tr1, ir1, mean: (tr1 + ir1) / 2, tr10, ir10, seconds }))
})

await Effect.runPromise(bench.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
