import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type PairFields, pairFields, pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { HostStage, Stage, TensorStage } from "../../../lib/pipeline/stage.ts"
import { type Fits, faults, type Kind, type Seen } from "../../../lib/pipeline/wiring.ts"
import { frozen, momentum } from "../../../lib/pipeline/with-weights.ts"
import { batched, type Fields, states, tensor, value } from "../../../lib/tensor/field.ts"

const host = <N extends string, R extends Fields, A extends Fields>(stage: N, reads: R, adds: A): HostStage<N, R, A> => ({
  kind: "host",
  stage,
  as: stage,
  version: 1,
  settings: {},
  reads,
  adds,
  sizes: {},
  codec: { encode: () => new Uint8Array(), decode: () => undefined },
  prepare: () => Effect.succeed(undefined),
  draw: () => ({}) as never
})

const inProgram = <N extends string, R extends Fields, A extends Fields>(
  stage: N,
  reads: R,
  adds: A,
  sizes: Record<string, number> = {}
): TensorStage<N, R, A> => ({
  kind: "tensor",
  stage,
  as: stage,
  version: 1,
  settings: {},
  weights: "student",
  reads,
  adds,
  sizes,
  noise: {},
  scalars: {},
  parameters: () => ({}),
  teacherParameters: () => [],
  state: () => ({}),
  apply: () => ({ fields: {} as never })
})

const tokenize = host("tokenize", { captions: value<readonly string[]>()("strings") }, { tokens: tensor("int32", "tokens") })
const encode = inProgram(
  "encode",
  { tokens: tensor("int32", "batch", "tokens") },
  { text: states("float32", "batch", "tokens", "width") }
)
const wide = inProgram("fuse", { text: states("float32", "batch", "words", "width") }, {})
const mask = inProgram("mask", { "teacher.text": states("float32", "batch", "tokens", "width") }, {})

/** The compiler's sentence for a stage at a place; a wrong literal here does not compile. */
const problem = <F extends Fields, K extends Kind, S extends Stage>(
  fields: F,
  kind: K,
  stage: S,
  expected: Fits<Seen<F, K, S>, K, S> & string
): void => {
  const seen = kind === "host" && stage.kind === "tensor" ? batched(fields) : fields
  assert.include(faults(seen, kind, stage), expected)
}

const afterTokenize = { ...pairFields, ...tokenize.adds }
const afterEncode = { ...batched(afterTokenize), ...encode.adds } as unknown as Seen<
  typeof afterTokenize,
  "host",
  typeof encode
> & { text: (typeof encode)["adds"]["text"] }

describe("wiring", () => {
  it("says which field a stage reads that no stage before it adds, in the same words as the compiler", () => {
    problem(pairFields, "host", encode, "encode reads 'tokens' (int32[batch, tokens]), which no stage before it adds")
    problem(
      afterEncode,
      "tensor",
      mask,
      "mask reads 'teacher.text' (float32[batch, tokens, width]), which no stage before it adds"
    )
  })

  it("says how a field's shape differs from the one a stage reads", () => {
    problem(
      afterEncode,
      "tensor",
      wide,
      "fuse reads 'text' as float32[batch, words, width], but here it is float32[batch, tokens, width]"
    )
  })

  it("refuses a host stage after a tensor stage", () => {
    problem(afterEncode, "tensor", tokenize, "tokenize works on samples, so it must stand before the first tensor stage")
  })

  it("refuses a field that is there already", () => {
    problem(afterTokenize, "host", tokenize, "tokenize adds 'tokens', which is there already")
  })

  it("accepts a stage that fits, and gives the chain its fields", () => {
    const fitting: Fits<Seen<typeof afterTokenize, "host", typeof encode>, "host", typeof encode> = encode
    assert.strictEqual(fitting, encode)
    const chain = pipeline("p", pairs("embedded:emoji")).pipe(tokenize).pipe(encode).pipe(momentum(encode)).pipe(mask)
    const built = chain.train({ batch: 1 } as never)
    assert.deepStrictEqual(Object.keys(built.fields), ["id", "group", "image", "captions", "tokens", "text", "teacher.text"])
  })

  it("does not compile a pipeline whose stages do not fit, and throws the same sentence", () => {
    const start = pipeline("p", pairs("embedded:emoji"))
    assert.throws(
      // @ts-expect-error its text is compared above
      () => start.pipe(encode),
      "p: encode reads 'tokens' (int32[batch, tokens]), which no stage before it adds"
    )
  })

  it("gives a stage under momentum its states under 'teacher.' and leaves the sample's fields alone", () => {
    const teacher = momentum(encode)
    const reads: { readonly tokens: unknown } = teacher.reads
    const adds: { readonly "teacher.text": unknown } = teacher.adds
    assert.deepStrictEqual(Object.keys(reads), ["tokens"])
    assert.deepStrictEqual(Object.keys(adds), ["teacher.text"])
    assert.strictEqual(teacher.stage, "momentum(encode)")
  })

  it("gives a frozen stage its states under its set's name, which a stage after it can read", () => {
    const guide = frozen(encode, { name: "guide", from: "runs/guide" })
    const adds: { readonly "guide.text": unknown } = guide.adds
    assert.deepStrictEqual([Object.keys(guide.reads), Object.keys(adds)], [["tokens"], ["guide.text"]])
    assert.deepStrictEqual([guide.stage, guide.as], ["frozen(encode)", "guide.encode"])
    const follower = inProgram("follow", { "guide.text": encode.adds.text }, {})
    const start = pipeline("p", pairs("embedded:emoji")).pipe(tokenize)
    assert.include(
      Object.keys(
        start
          .pipe(guide)
          .pipe(follower)
          .train({ batch: 1 } as never).fields
      ),
      "guide.text"
    )
    // @ts-expect-error its text is compared below
    assert.throws(() => start.pipe(encode).pipe(follower), "p: follow reads 'guide.text' (float32[")
  })

  it("refuses two sizes for one dimension, naming both stages", () => {
    const narrow = inProgram("encode", {}, {}, { width: 64 })
    const wider = inProgram("fuse", {}, {}, { width: 128 })
    assert.throws(() => pipeline("p", pairs("x")).pipe(narrow).pipe(wider), "p: fuse makes 'width' 128, but encode made it 64")
  })

  it("refuses two stages of one name, whose settings, draws and state nobody could tell apart", () => {
    const first = inProgram("encode", {}, {})
    const again = inProgram("encode", {}, {})
    const start = pipeline("p", pairs("x")).pipe(first)
    assert.throws(() => start.pipe(again), "p: two stages are called 'encode'; give one of them another name")
    assert.strictEqual(start.pipe({ ...again, as: "encode.again" }).train({ batch: 1 } as never).stages.length, 2)
  })

  it("keeps the pairs' fields as every source gives them", () => {
    const names: readonly (keyof PairFields)[] = ["id", "group", "image", "captions"]
    assert.deepStrictEqual(Object.keys(pairFields), [...names])
  })
})
