import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { BufferSpec, Program } from "../../lib/compiler/program.ts"
import { type Traced, type Tracer, trace } from "../../lib/compiler/trace.ts"
import type { Engine, EngineOptions, EngineSession, NamedNumbers } from "../../lib/engine/engine.ts"
import { interpret } from "../../lib/engine/reference/interpret.ts"
import { seed } from "../seed.ts"
import { type Case, feedsOf } from "./case.ts"
import { difference } from "./close.ts"
import { gradientCases } from "./gradient-cases.ts"
import { opCases } from "./op-cases.ts"
import { randomProgram } from "./random-program.ts"

const tolerance = 2e-5

/** What a program without state gives on the reference kernels, as it was traced. */
export const expectedOf = (program: Program, feeds: NamedNumbers): NamedNumbers => {
  const made = interpret(program, ({ name }) => feeds[name]!)
  return Object.fromEntries(program.outputs.map(({ name, value }) => [name, made.get(value)!]))
}

const buffers = {
  w: { dtype: "float32", length: 12 },
  n: { dtype: "int32", length: 4 },
  ring: { dtype: "float32", length: 10, ring: { rows: 5, width: 2 } },
  ids: { dtype: "int32", length: 5, ring: { rows: 5, width: 1 } }
} satisfies { readonly [name: string]: BufferSpec }

const w = (t: Tracer, name: string, offset: number, ...shape: number[]): tf.Tensor =>
  t.input(name, shape, "float32", { buffer: "w", offset })
const replace = (offset: number, tensor: tf.Tensor, buffer = "w") => ({ kind: "replace", buffer, offset, tensor }) as const
const count = (n: number, from = 0): Float32Array => Float32Array.from({ length: n }, (_, i) => from + i)

type Test = (session: EngineSession) => Effect.Effect<void, unknown>
const compiled = (session: EngineSession, body: (t: Tracer) => Traced, title = "program") => session.compile(title, trace(body))

const stateLaws: { readonly [problem: string]: Test } = {
  "state starts at zero, and what is written is read": Effect.fn(function* (session) {
    assert.deepEqual(yield* session.read("w"), new Float32Array(12))
    yield* session.write("w", 3, count(4, 1))
    assert.deepEqual([...(yield* session.read("w"))], [0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0])
  }),
  "what is read or fed stays the caller's own": Effect.fn(function* (session) {
    const step = yield* compiled(session, (t) => ({ outputs: { y: tf.add(t.input("x", [3], "float32"), w(t, "w", 0, 3)) } }))
    const x = count(6).subarray(1, 4)
    yield* session.write("w", 0, x)
    assert.deepEqual(yield* step.run({ x }), yield* step.run({ x }))
    assert.deepEqual([...x], [1, 2, 3])
    ;(yield* session.read("w")).fill(9)
    assert.deepEqual([...(yield* session.read("w")).slice(0, 3)], [1, 2, 3])
  }),
  "a program reads windows of a buffer and replaces others": Effect.fn(function* (session) {
    yield* session.write("w", 0, count(12))
    const step = yield* compiled(session, (t) => {
      const [a, b] = [w(t, "a", 0, 2, 3), w(t, "b", 6, 3)]
      return { outputs: { y: tf.add(a, b) }, updates: [replace(9, tf.mul(b, 10))] }
    })
    assert.deepEqual([...(yield* step.run({}))["y"]!], [6, 8, 10, 9, 11, 13])
    assert.deepEqual([...(yield* session.read("w"))], [0, 1, 2, 3, 4, 5, 6, 7, 8, 60, 70, 80])
  }),
  "every read of a run sees the numbers before the run": Effect.fn(function* (session) {
    yield* session.write("w", 0, count(12, 1))
    const step = yield* compiled(session, (t) => {
      const [a, b, both] = [w(t, "a", 0, 3), w(t, "b", 3, 3), w(t, "both", 0, 6)]
      const swapped = tf.add(tf.mul(a, 2), b)
      return {
        outputs: {
          late: tf.sum(tf.add(both, tf.sum(swapped))),
          before: both,
          total: tf.sum(both)
        },
        updates: [replace(0, swapped), replace(3, tf.sub(a, 1))]
      }
    })
    const first = yield* step.run({})
    assert.deepEqual([...first["before"]!], [1, 2, 3, 4, 5, 6])
    assert.deepEqual([...first["total"]!], [21])
    assert.deepEqual([...(yield* session.read("w")).slice(0, 6)], [6, 9, 12, 0, 1, 2])
    assert.deepEqual([...(yield* step.run({}))["total"]!], [30])
  }),
  "an update may be of a window's own numbers, again and again": Effect.fn(function* (session) {
    yield* session.write("w", 0, count(12))
    const step = yield* compiled(session, (t) => {
      const a = w(t, "a", 0, 3, 4)
      const moved = tf.add(tf.mul(a, 2), t.input("x", [], "float32"))
      return { outputs: { sum: tf.sum(a), moved }, updates: [replace(0, moved)] }
    })
    const x = Float32Array.of(1)
    assert.deepEqual([...(yield* step.run({ x }))["sum"]!], [66])
    assert.deepEqual([...(yield* step.run({ x }))["sum"]!], [144])
    const last = yield* step.run({ x })
    assert.deepEqual(
      [...last["moved"]!],
      [...count(12)].map((i) => 8 * i + 7)
    )
    assert.deepEqual([...(yield* session.read("w"))], [...last["moved"]!])
  }),
  "one value may leave a program several times": Effect.fn(function* (session) {
    yield* session.write("w", 0, count(12))
    const step = yield* compiled(session, (t) => {
      const y = tf.add(w(t, "a", 0, 2), 1)
      return { outputs: { y, z: y }, updates: [replace(0, y), replace(4, y), replace(6, tf.reshape(y, [2, 1]))] }
    })
    const made = yield* step.run({})
    assert.deepEqual([...made["y"]!, ...made["z"]!], [1, 2, 1, 2])
    assert.deepEqual([...(yield* session.read("w")).slice(0, 8)], [1, 2, 2, 3, 1, 2, 1, 2])
  }),
  "integers have state too": Effect.fn(function* (session) {
    yield* session.write("n", 0, Int32Array.of(1, 2, 3, 4))
    const step = yield* compiled(session, (t) => {
      const n = t.input("n", [2, 2], "int32", { buffer: "n", offset: 0 })
      return { outputs: { n }, updates: [replace(0, tf.mul(n, n), "n")] }
    })
    yield* step.run({})
    assert.deepEqual([...(yield* session.read("n"))], [1, 4, 9, 16])
  }),
  "rows enter a ring at its pointer and go around": Effect.fn(function* (session) {
    const step = yield* compiled(session, (t) => {
      const x = t.input("x", [3, 2], "float32")
      const ring = t.input("ring", [5, 2], "float32", { buffer: "ring", offset: 0 })
      return {
        outputs: { ring },
        updates: [
          { kind: "enqueue", buffer: "ring", tensor: x },
          { kind: "enqueue", buffer: "ids", tensor: tf.cast(tf.sum(x, 1), "int32") }
        ]
      }
    })
    yield* step.run({ x: count(6, 1) })
    assert.deepEqual([...(yield* session.read("ring.pointer"))], [3])
    const second = yield* step.run({ x: count(6, 11) })
    assert.deepEqual([...second["ring"]!], [1, 2, 3, 4, 5, 6, 0, 0, 0, 0])
    assert.deepEqual([...(yield* session.read("ring"))], [15, 16, 3, 4, 5, 6, 11, 12, 13, 14])
    assert.deepEqual([...(yield* session.read("ids"))], [31, 7, 11, 23, 27])
    assert.deepEqual([...(yield* session.read("ring.pointer"))], [1])
    yield* session.write("ring.pointer", 0, Int32Array.of(4))
    yield* step.run({ x: count(6) })
    assert.deepEqual([...(yield* session.read("ring"))], [2, 3, 4, 5, 5, 6, 11, 12, 0, 1])
  }),
  "programs of one session share its state": Effect.fn(function* (session) {
    const put = yield* compiled(session, (t) => ({ outputs: {}, updates: [replace(2, t.input("x", [2], "float32"))] }), "put")
    const get = yield* compiled(session, (t) => ({ outputs: { y: tf.mul(w(t, "w", 0, 4), 2) } }), "get")
    yield* put.run({ x: count(2, 5) })
    assert.deepEqual([...(yield* get.run({}))["y"]!], [0, 0, 10, 12])
  }),
  "runs asked for at once are done one after another": Effect.fn(function* (session) {
    const step = yield* compiled(session, (t) => {
      const moved = tf.add(w(t, "w", 0, 1), 1)
      return { outputs: { moved }, updates: [replace(0, moved)] }
    })
    const made = yield* Effect.all(
      Array.from({ length: 5 }, () => step.run({})),
      { concurrency: "unbounded" }
    )
    assert.deepEqual(
      made.map(({ moved }) => moved![0]),
      [1, 2, 3, 4, 5]
    )
  })
}

const errorLaws: {
  readonly [problem: string]: {
    readonly test: (session: EngineSession) => Effect.Effect<unknown, unknown>
    readonly says: RegExp
  }
} = {
  "a missing feed is refused by name": {
    test: (session) =>
      Effect.flatMap(
        compiled(session, (t) => ({ outputs: { y: tf.neg(t.input("x", [2], "float32")) } })),
        (step) => step.run({})
      ),
    says: /^engine \w+, running program: input 'x' is not fed$/
  },
  "a feed of another length is refused with the numbers": {
    test: (session) =>
      Effect.flatMap(
        compiled(session, (t) => ({ outputs: { y: tf.neg(t.input("x", [2, 3], "float32")) } })),
        (step) => step.run({ x: count(5) })
      ),
    says: /^engine \w+, running program: input 'x' takes 6 numbers \[2, 3\], but 5 were fed$/
  },
  "a feed of another type is refused": {
    test: (session) =>
      Effect.flatMap(
        compiled(session, (t) => ({ outputs: { y: tf.neg(t.input("x", [2], "float32")) } })),
        (step) => step.run({ x: Int32Array.of(1, 2) })
      ),
    says: /input 'x' is float32, but a Int32Array was fed$/
  },
  "a buffer that is not there is refused by name": {
    test: (session) => session.read("nothing"),
    says: /reading nothing: there is no buffer 'nothing'$/
  },
  "a write past a buffer's end is refused": {
    test: (session) => session.write("w", 10, count(3)),
    says: /numbers 10 to 13 are outside buffer 'w' of 12$/
  },
  "a program whose window does not fit its buffer is refused": {
    test: (session) => compiled(session, (t) => ({ outputs: { y: tf.neg(w(t, "late", 10, 3)) } })),
    says: /^engine \w+, compiling program: invalid program after trace: input 'late': a window of buffer 'w' ends at 13, past its 12 numbers$/
  }
}

/** The interface of engines, and its promises; every engine runs this suite. */
export const engineLaws = (engine: Engine): void => {
  const inSession = (test: Test) => Effect.scoped(Effect.flatMap(engine.open(buffers, { threads: 1 }), test))
  describe(`engine ${engine.name}: state`, () => {
    for (const [problem, test] of Object.entries(stateLaws)) it.effect(problem, () => inSession(test))
  })
  describe(`engine ${engine.name}: errors`, () => {
    for (const [problem, { test, says }] of Object.entries(errorLaws))
      it.effect(problem, () =>
        inSession((session) => Effect.map(Effect.flip(test(session)), (error) => assert.match((error as Error).message, says)))
      )
  })
}

/** That an engine computes what the reference kernels do, with some options: every op, our own kernels, gradients, random programs. */
export const computationLaws = (engine: Engine, options: EngineOptions = { threads: 1 }): void => {
  const agrees = Effect.fn(function* (session: EngineSession, program: Program) {
    const executable = yield* session.compile("program", program)
    for (const draw of [0, 1]) {
      const feeds = feedsOf(program, draw)
      const fault = difference(yield* executable.run(feeds), expectedOf(program, feeds), tolerance)
      if (fault !== undefined) return fault
    }
    return undefined
  })
  const suite = (title: string, cases: readonly Case[]): void => {
    describe(`engine ${engine.name} agrees with the reference on ${title}`, () => {
      it.effect("in every case", () =>
        Effect.scoped(
          Effect.gen(function* () {
            const session = yield* engine.open({}, options)
            const faults: string[] = []
            for (const { name, program } of cases) {
              const fault = yield* agrees(session, program())
              if (fault !== undefined) faults.push(`${name}: ${fault}`)
            }
            assert.deepEqual(faults, [])
          })
        )
      )
    })
  }
  suite("ops", opCases)
  suite("gradients and our own kernels", gradientCases)
  describe(`engine ${engine.name} agrees with the reference on random programs`, () => {
    for (const gradients of [false, true])
      it.live(gradients ? "and their gradients" : "of every shape", () =>
        Effect.scoped(
          Effect.flatMap(engine.open({}, options), (session) =>
            Effect.promise(() =>
              fc.assert(
                fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 3, maxLength: 36 }), async (code) =>
                  assert.isUndefined(await Effect.runPromise(agrees(session, randomProgram(code, gradients))))
                ),
                { seed, numRuns: 60 }
              )
            )
          )
        )
      )
  })
}
