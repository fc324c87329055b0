import fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { derive, type Key, key } from "../../lib/random/key.ts"
import { blockWise, mask, random, textGuided } from "../../stages/mask/index.ts"
import { shuffled } from "../../stages/mask/noise.ts"
import { seed } from "../seed.ts"
import { type NamedValues, noiseOf, type Prepare, rowOf } from "./run-stage.ts"

const numRuns = 1000
const ratios = [0, 0.1, 0.25, 0.4, 0.5, 0.75, 1]
const counts = [1, 4, 9, 36]
type Select = "sample" | "top" | { readonly mix: number }
const select = fc.constantFrom<Select>("sample", "top", { mix: 0 }, { mix: 0.3 }, { mix: 1 })
const round = (x: number): number => Math.floor(x + 0.5)

type Image = Parameters<typeof mask>[0]
const stageOf = (image: unknown): TensorStage => mask({ image } as Image) as TensorStage

const strategy = (ratio: number) =>
  fc.oneof(
    select.map((select) => textGuided({ ratio, select, relevance: "crossAttention" })),
    fc.constant(random({ ratio })),
    fc.constantFrom(1, 2, 16).map((minimum) => blockWise({ ratio, minimum }))
  )
const cases = fc
  .record({ ratio: fc.constantFrom(...ratios), n: fc.constantFrom(...counts), sample: fc.nat() })
  .chain(({ ratio, ...rest }) => strategy(ratio).map((image) => ({ image, ratio, ...rest })))

/** Relevance that is distinct enough (1e-2 and more apart) for every engine to order it alike. */
const scores = (keys: readonly Key[], n: number): NamedValues => ({
  "teacher.crossAttention": {
    dtype: "float32",
    shape: [keys.length, n],
    data: keys.flatMap((key) => [...shuffled(derive(key, "relevance"), n)])
  }
})

const samples = (sample: number, batch: number): readonly Key[] =>
  Array.from({ length: batch }, (_, i) => derive(key(seed), sample, i))

/** Masks of one batch with a relevance that is drawn, or the same everywhere. */
const masks = (prepare: Prepare, stage: TensorStage, keys: readonly Key[], n: number, fields = scores(keys, n)) => {
  const sizes = { batch: keys.length, patches: n }
  const reads = Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(stage.reads, name)))
  return prepare(stage, sizes)(reads, noiseOf(stage, sizes, keys))
}

/** Counts how often each patch is masked in many samples, relative to what is expected, as a chi-square statistic. */
const chiSquare = (seen: readonly number[], expected: readonly number[]): number =>
  seen.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0)

/** How far the last masked and the first visible patch of a sample are apart in a text-guided draw, in doubles. */
const gapAtTheCut = (relevance: readonly number[], gumbel: readonly number[], masked: number): number => {
  const n = relevance.length
  const mean = relevance.reduce((a, b) => a + b) / n
  const deviation = Math.sqrt(relevance.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n + 1e-6)
  const drawn = relevance.map((x, i) => (x - mean) / deviation + gumbel[i]!).sort((a, b) => b - a)
  return masked === 0 || masked === n ? Infinity : drawn[masked - 1]! - drawn[masked]!
}

/** That an engine's masks are those of another, wherever scores at the cut differ by more than 1e-3 (method.md §3). */
export const sameImageMasks = (engine: string, prepare: Prepare, reference: Prepare): void => {
  it(`image masks on ${engine} are those of the reference`, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ image, ratio, n, sample }) => {
        const stage = stageOf(image)
        const keys = samples(sample, 3)
        const [got, expected] = [await masks(prepare, stage, keys, n), await masks(reference, stage, keys, n)]
        const gumbel = noiseOf(stage, { batch: 3, patches: n }, keys)["maskGumbel"]
        const relevance = scores(keys, n)["teacher.crossAttention"]!
        for (let b = 0; b < keys.length; b++) {
          const mixed =
            "select" in image && typeof image.select === "object" ? round(image.select.mix * round(ratio * n)) : round(ratio * n)
          if (gumbel && gapAtTheCut(rowOf(relevance, b), rowOf(gumbel, b), mixed) < 1e-3) continue
          assert.deepEqual(rowOf(got["imageMask"]!, b), rowOf(expected["imageMask"]!, b))
        }
      }),
      { seed, numRuns }
    )
  })
}

/** What every way to mask patches keeps to (method.md §3), on any engine. */
export const imageMaskLaws = (engine: string, prepare: Prepare): void => {
  describe(`image masks on ${engine}`, () => {
    it("mask exactly round(ratio · N) patches, none twice, and say so in both ways", async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ({ image, ratio, n, sample }) => {
          const keys = samples(sample, 3)
          const { imageMask, maskedPatches } = await masks(prepare, stageOf(image), keys, n)
          for (let b = 0; b < keys.length; b++) {
            const masked = rowOf(maskedPatches!, b)
            assert.equal(masked.length, round(ratio * n))
            assert.equal(new Set(masked).size, masked.length)
            const flags = rowOf(imageMask!, b)
            assert.deepEqual(
              flags.flatMap((flag, patch) => (flag ? [patch] : [])),
              [...masked].sort((a, b) => a - b)
            )
            assert.equal(flags.length, n)
          }
        }),
        { seed, numRuns }
      )
    })

    it("give a sample the same mask in any batch", async () => {
      await fc.assert(
        fc.asyncProperty(cases, fc.nat({ max: 3 }), async ({ image, n, sample }, place) => {
          const keys = samples(sample, 4)
          const together = await masks(prepare, stageOf(image), keys, n)
          const alone = await masks(prepare, stageOf(image), [keys[place]!], n)
          assert.deepEqual(rowOf(together["maskedPatches"]!, place), rowOf(alone["maskedPatches"]!, 0))
        }),
        { seed, numRuns }
      )
    })

    it("take the most relevant patches as the temperature goes to 0", async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...ratios), fc.constantFrom(...counts), fc.nat(), async (ratio, n, sample) => {
          const keys = samples(sample, 2)
          const guided = (settings: object) => stageOf(textGuided({ ratio, relevance: "crossAttention", ...settings }))
          const cold = await masks(prepare, guided({ temperature: 1e-4 }), keys, n)
          const top = await masks(prepare, guided({ select: "top" }), keys, n)
          assert.deepEqual(Array.from(cold["maskedPatches"]!.data), Array.from(top["maskedPatches"]!.data))
          const relevance = scores(keys, n)["teacher.crossAttention"]!
          for (let b = 0; b < keys.length; b++) {
            const of = rowOf(relevance, b)
            const best = of.map((_, patch) => patch).sort((a, b) => of[b]! - of[a]!)
            assert.deepEqual(rowOf(top["maskedPatches"]!, b), best.slice(0, round(ratio * n)))
          }
        }),
        { seed, numRuns }
      )
    })

    it("mix: the first are those that relevance alone would choose, and with a mix of 0 relevance does not matter", async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(0.3, 0.5, 1), fc.nat(), async (mix, sample) => {
          const [n, ratio] = [16, 0.5]
          const keys = samples(sample, 2)
          const guided = (select: unknown) => stageOf(textGuided({ ratio, relevance: "crossAttention", select } as object))
          const [mixed, sampled] = [
            await masks(prepare, guided({ mix }), keys, n),
            await masks(prepare, guided("sample"), keys, n)
          ]
          const first = round(mix * round(ratio * n))
          for (let b = 0; b < keys.length; b++)
            assert.deepEqual(
              rowOf(mixed["maskedPatches"]!, b).slice(0, first),
              rowOf(sampled["maskedPatches"]!, b).slice(0, first)
            )
          const free = await masks(prepare, guided({ mix: 0 }), keys, n)
          const plain = await masks(prepare, stageOf(random({ ratio })), keys, n)
          assert.deepEqual(Array.from(free["maskedPatches"]!.data), Array.from(plain["maskedPatches"]!.data))
        }),
        { seed, numRuns }
      )
    })

    it("are uniform where the relevance is constant (chi-square)", async () => {
      const [n, batch, ratio] = [8, 4000, 0.375]
      const keys = samples(1, batch)
      const same = {
        "teacher.crossAttention": { dtype: "float32", shape: [batch, n], data: new Float32Array(batch * n).fill(0.7) }
      } as const
      for (const image of [textGuided({ ratio, relevance: "crossAttention" }), random({ ratio })]) {
        const { maskedPatches } = await masks(prepare, stageOf(image), keys, n, same)
        const seen = Array.from({ length: n }, () => 0)
        for (const patch of Array.from(maskedPatches!.data)) seen[patch]!++
        const masked = ratio * n
        const expected = seen.map(() => (batch * masked) / n)
        // Drawn without replacement, so the spread is (n − masked) / (n − 1) of that of independent draws.
        const statistic = (chiSquare(seen, expected) * (n - 1)) / (n - masked)
        assert.isBelow(statistic, 40.5) // 7 degrees of freedom, p = 1e-6
      }
    })

    it("draw with probability ∝ exp(z / temperature) (chi-square of the first draw)", async () => {
      const [n, batch, temperature] = [6, 4000, 0.8]
      const keys = samples(2, batch)
      const relevance = [0.1, 0.2, 0.4, 0.7, 0.75, 0.9]
      const given = {
        "teacher.crossAttention": { dtype: "float32", shape: [batch, n], data: keys.flatMap(() => relevance) }
      } as const
      const image = textGuided({ ratio: 1 / n, temperature, relevance: "crossAttention" })
      const { maskedPatches } = await masks(prepare, stageOf(image), keys, n, given)
      const mean = relevance.reduce((a, b) => a + b) / n
      const deviation = Math.sqrt(relevance.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n + 1e-6)
      const weights = relevance.map((x) => Math.exp((x - mean) / deviation / temperature))
      const total = weights.reduce((a, b) => a + b)
      const seen = Array.from({ length: n }, () => 0)
      for (const patch of Array.from(maskedPatches!.data)) seen[patch]!++
      assert.isBelow(
        chiSquare(
          seen,
          weights.map((w) => (batch * w) / total)
        ),
        35.9
      ) // 5 degrees of freedom, p = 1e-6
    })
  })
}
