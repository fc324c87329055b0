import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger } from "effect"
import { type Engine, EngineError } from "../../../lib/engine/engine.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { keys } from "../../../lib/job/keys.ts"
import { openRound } from "../../../lib/job/open-round.ts"
import { messageFor } from "../../../lib/job/payload.ts"
import { statusOf } from "../../../lib/job/status.ts"
import { submit } from "../../../lib/job/submit.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"
import { roundSettings } from "../../../lib/pipeline/rounds-settings.ts"
import type { HandlerConfig } from "../../../lib/worker/handlers/config.ts"
import { jobHandlers } from "../../../lib/worker/handlers/handlers.ts"
import { processMessage } from "../../../lib/worker/process-message.ts"
import { knownSubmissions } from "../../../lib/worker/submissions.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { memoryQueue } from "../../faults/memory-queue.ts"
import { toyProcessing, toyQueues, toySubmission } from "../../toy/jobs.ts"
import { type Held, heldJson, memoryStore } from "../../toy/memory-store.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

/** An engine whose memory cannot hold a program that `fits` refuses, by the name that it is compiled by; tells how often that was. */
const small = (engine: Engine, fits: (program: string) => boolean) => {
  const refused: string[] = []
  const open: Engine["open"] = (...given) =>
    Effect.map(engine.open(...given), (session) => ({
      ...session,
      compile: (name, program) =>
        Effect.map(session.compile(name, program), (executable) => ({
          ...executable,
          run: (feeds) => {
            if (fits(name)) return executable.run(feeds)
            refused.push(name)
            const reason = "OOM when allocating tensor with shape[256,196,768] on GPU:0 by allocator GPU_0_bfc"
            return Effect.fail(new EngineError({ engine: engine.name, doing: `running ${name}`, reason }))
          }
        }))
    }))
  return { engine: { ...engine, open } satisfies Engine, refused }
}

interface Trial {
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly tables: HandlerConfig["tables"]
  readonly halveOnMemory?: boolean
}

/** What becomes of the messages of a round's two replicas, the first delivered `times` times; and what they left. */
const tried = ({ engine, pipeline, tables, halveOnMemory = true }: Trial, times = 1) => {
  const held: Held = new Map()
  return Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { urls } = yield* toyQueues()
    const rounds = roundSettings({ replicas: 2, localSteps: 1, halveOnMemory })
    const submission = yield* submit(toySubmission({ pipeline, rounds }), urls)
    const replicas = [0, 1].map((replica) => ({ replica, state: null }))
    const origin = { submission: "toy", pipeline: submission.digest, semmim: submission.semmim }
    const round = yield* openRound(submission, { round: 0, checkpoint: submission.checkpoint, replicas, norms: [] }, urls, origin)
    const handlers = yield* jobHandlers({
      tables,
      engine: Effect.succeed(engine),
      threads: 1,
      cache: yield* fs.makeTempDirectoryScoped(),
      urls,
      allowedData: new Set(["toy:10"])
    })
    const processing = { ...toyProcessing(handlers), submissions: knownSubmissions(tables) }
    const verdicts: string[] = []
    for (const replica of [...Array.from({ length: times }, () => 0), 1]) {
      const own = {
        kind: "train",
        round: 0,
        replica,
        attempt: 0,
        steps: round.steps,
        checkpoint: round.checkpoint,
        state: null
      } as const
      const body = yield* messageFor(origin, own)
      verdicts.push((yield* processMessage({ body, sentMillis: 0, receiveCount: 1 }, processing))._tag)
    }
    const { reasons } = yield* statusOf("toy")
    const norms = [...held.keys()]
      .filter((key) => key.startsWith(keys.states("toy")) && key.endsWith(".done"))
      .map((key) => heldJson(held, key) as { readonly result: { readonly replica: number; readonly norm: number } })
      .sort((a, b) => a.result.replica - b.result.replica)
      .map(({ result }) => result.norm)
    return { verdicts, norms, reasons }
  }).pipe(Effect.scoped, Effect.provide(Layer.mergeAll(memoryQueue, memoryStore(held), NodeServices.layer, Logger.layer([]))))
}

const few: Pipeline = { ...tiny, training: { ...tiny.training, batch: 8, steps: 2 } }

describe("a step that finds too little memory", () => {
  it.live(
    "is tried once in two halves, which give the same step, and every step after it at once",
    () =>
      Effect.gen(function* () {
        const { engine, refused } = small(onnx, (program) => program !== "step")
        const halves = yield* tried({ engine, pipeline: few, tables: dataTables })
        assert.deepStrictEqual([halves.verdicts, refused, halves.reasons], [["Delete", "Delete"], ["step"], []])
        const whole = yield* tried({ engine: onnx, pipeline: few, tables: dataTables })
        assert.strictEqual(halves.norms.length, 2)
        for (const [i, norm] of halves.norms.entries()) assert.closeTo(norm / whole.norms[i]!, 1, 1e-3)
        const toy = small(reference, (program) => program !== "step")
        const plain = yield* tried({ engine: toy.engine, pipeline: toyPipeline({ batch: 4 }), tables: toyTables })
        assert.deepStrictEqual([plain.verdicts, toy.refused, plain.reasons], [["Delete", "Delete"], ["step"], []])
      }),
    120_000
  )

  it.live(
    "ends as a job that was given up, which status explains, where halves are not wanted, impossible or too large",
    () =>
      Effect.gen(function* () {
        const nothing = (engine: Engine) => small(engine, () => false)
        const trials = [
          { ...nothing(reference), pipeline: toyPipeline({ batch: 2 }), tables: toyTables, runs: 4 },
          { ...nothing(onnx), pipeline: few, tables: dataTables, halveOnMemory: false, runs: 4 },
          { ...nothing(onnx), pipeline: few, tables: dataTables, runs: 5 }
        ]
        for (const { refused, runs, ...trial } of trials) {
          const { verdicts, reasons } = yield* tried(trial, 3)
          assert.deepStrictEqual(verdicts, ["Retry", "Retry", "Dead", "Retry"])
          assert.deepStrictEqual(
            reasons.map(({ given, reason, count }) => [given, reason, count]),
            [
              ["dead", "out-of-memory", 1],
              ["failed", "out-of-memory", 4]
            ]
          )
          assert.match(reasons[0]!.example, /OOM when allocating.*; more replicas or a smaller batch need less$/)
          assert.strictEqual(refused.length, runs)
        }
      }),
    120_000
  )
})
