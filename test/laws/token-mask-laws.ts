import fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { derive, key } from "../../lib/random/key.ts"
import { mask, tokens } from "../../stages/mask/index.ts"
import { seed } from "../seed.ts"
import { type NamedValues, noiseOf, type Prepare, rowOf } from "./run-stage.ts"

const numRuns = 1000
const vocabulary = 50
const round = (x: number): number => Math.floor(x + 0.5)
const [pad, cls, sep, hidden] = [0, 2, 3, 4]
const isSpecial = (id: number): boolean => id === pad || id === cls || id === sep

const batch = 3
const caption = (length: number) =>
  fc.integer({ min: 0, max: length - 2 }).chain((words) =>
    fc.array(
      fc.integer({ min: 4, max: vocabulary - 1 }).map((id) => (id === 4 ? 1 : id)),
      { minLength: words, maxLength: words }
    )
  )
const cases = fc
  .record({ ratio: fc.constantFrom(0, 0.15, 0.35, 0.75, 1), length: fc.constantFrom(2, 3, 12, 30), sample: fc.nat() })
  .chain((record) =>
    fc.array(caption(record.length), { minLength: batch, maxLength: batch }).map((captions) => ({ ...record, captions }))
  )

const fieldsOf = (captions: readonly (readonly number[])[], length: number): NamedValues => {
  const rows = captions.map((words) => {
    const real = [cls, ...words, sep]
    return { ids: [...real, ...Array.from({ length: length - real.length }, () => pad)], real: real.length }
  })
  return {
    tokens: { dtype: "int32", shape: [rows.length, length], data: rows.flatMap((row) => row.ids) },
    tokenMask: {
      dtype: "bool",
      shape: [rows.length, length],
      data: rows.flatMap((row) => row.ids.map((_, i) => (i < row.real ? 1 : 0)))
    }
  }
}

const run = (
  prepare: Prepare,
  settings: object,
  captions: readonly (readonly number[])[],
  length: number,
  places: readonly number[],
  sample: number
) => {
  const stage = mask({ text: tokens({ vocabulary, ...settings }) }) as TensorStage
  const sizes = { batch: captions.length, tokens: length }
  const keys = places.map((place) => derive(key(seed), sample, place))
  const noise = noiseOf(stage, sizes, keys)
  return prepare(stage, sizes)(fieldsOf(captions, length), noise).then((fields) => ({ fields, noise }))
}

/** That an engine's masks are those of another. */
export const sameTokenMasks = (engine: string, prepare: Prepare, reference: Prepare): void => {
  it(`token masks on ${engine} are those of the reference`, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ ratio, length, captions, sample }) => {
        const [got, expected] = await Promise.all(
          [prepare, reference].map((on) => run(on, { ratio }, captions, length, [0, 1, 2], sample))
        )
        for (const [name, { data }] of Object.entries(expected!.fields)) {
          const close = Array.from(got!.fields[name]!.data).every((x, i) => Math.abs(x - data[i]!) < 1e-6)
          assert.isTrue(close, name)
        }
      }),
      { seed, numRuns }
    )
  })
}

/** What masking of words keeps to (method.md §3), on any engine. */
export const tokenMaskLaws = (engine: string, prepare: Prepare): void => {
  describe(`token masks on ${engine}`, () => {
    it("mask round(ratio · n) words of a caption, at least one where there is one, and never a special token", async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ({ ratio, length, captions, sample }) => {
          const { fields } = await run(prepare, { ratio }, captions, length, [0, 1, 2], sample)
          captions.forEach((words, b) => {
            const weights = rowOf(fields["maskedWeights"]!, b)
            const slots = rowOf(fields["maskedPositions"]!, b).filter((_, i) => weights[i]! > 0)
            const count =
              words.length === 0 || ratio === 0 ? 0 : Math.min(weights.length, Math.max(1, round(ratio * words.length)))
            assert.equal(slots.length, count)
            assert.equal(new Set(slots).size, count)
            for (const slot of slots) assert.isFalse(isSpecial([cls, ...words, sep][slot] ?? pad))
            assert.closeTo(
              weights.reduce((a, b) => a + b, 0),
              count === 0 ? 0 : 1,
              1e-6
            )
          })
        }),
        { seed, numRuns }
      )
    })

    it("change masked words only, to [MASK], a random word or themselves, as the noise says", async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ({ ratio, length, captions, sample }) => {
          const { fields, noise } = await run(prepare, { ratio }, captions, length, [0, 1, 2], sample)
          captions.forEach((words, b) => {
            const before = [cls, ...words, sep, ...Array.from({ length: length - words.length - 2 }, () => pad)]
            const weights = rowOf(fields["maskedWeights"]!, b)
            const slots = new Set(rowOf(fields["maskedPositions"]!, b).filter((_, i) => weights[i]! > 0))
            const [action, word] = [rowOf(noise["tokenAction"]!, b), rowOf(noise["tokenRandom"]!, b)]
            const after = before.map((id, i) => {
              if (!slots.has(i)) return id
              return action[i]! < 0.8 ? hidden : action[i]! < 0.9 ? word[i]! : id
            })
            assert.deepEqual(rowOf(fields["maskedTokens"]!, b), after)
            for (const id of word) assert.isTrue(id > hidden && id < vocabulary)
          })
        }),
        { seed, numRuns }
      )
    })

    it("give a sample the same mask in any batch", async () => {
      await fc.assert(
        fc.asyncProperty(cases, fc.nat({ max: batch - 1 }), async ({ ratio, length, captions, sample }, place) => {
          const together = await run(prepare, { ratio }, captions, length, [0, 1, 2], sample)
          const alone = await run(prepare, { ratio }, [captions[place]!], length, [place], sample)
          for (const name of ["maskedTokens", "maskedPositions", "maskedWeights"])
            assert.deepEqual(rowOf(together.fields[name]!, place), rowOf(alone.fields[name]!, 0))
        }),
        { seed, numRuns }
      )
    })
  })
}
