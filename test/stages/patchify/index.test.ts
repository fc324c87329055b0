import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import sharp from "sharp"
import { identityOf } from "../../../lib/data/host/ready-stage.ts"
import { pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { Fits } from "../../../lib/pipeline/wiring.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { fromBytes } from "../../../lib/tensor/stored.ts"
import { definition, gentle, patchify, pretraining } from "../../../stages/patchify/index.ts"
import { preparedImage } from "../../../stages/patchify/prepared.ts"

/** An image of smooth colours, 40 × 30. */
const image = await sharp(
  Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (((i / 3) % 40) * 6 + Math.floor(i / 120) * (i % 3) * 3) & 255),
  { raw: { width: 40, height: 30, channels: 3 } }
)
  .png()
  .toBuffer()
const sample = { id: "a", image, captions: ["a hat"] }
const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer)

it("reads no captions where the samples have none", () => {
  assert.deepEqual(Object.keys(patchify({ size: 8, patch: 4, captions: false }).reads), ["id", "image"])
  assert.deepEqual(Object.keys(patchify({ size: 8, patch: 4 }).reads), ["id", "image", "captions"])
})

describe("patchify", () => {
  it.live("gives one view or two, of the sizes that it says", () =>
    Effect.gen(function* () {
      const one = patchify({ size: 24, patch: 8 })
      assert.deepStrictEqual(one.sizes, { patches: 9, pixels: 192 })
      assert.deepStrictEqual(Object.keys(one.draw(yield* one.prepare(sample), key(1))), ["patches"])
      const two = patchify({ size: 24, patch: 8, views: 2, augment: pretraining })
      const views = two.draw(yield* two.prepare(sample), key(1))
      assert.lengthOf(views.patches, 9 * 192)
      assert.lengthOf(views.secondPatches, 9 * 192)
      assert.notDeepEqual(views.patches, views.secondPatches)
    })
  )

  it.live("is not random without a key", () =>
    Effect.gen(function* () {
      const stage = patchify({ size: 24, patch: 8, views: 2, augment: pretraining })
      const still = stage.draw(yield* stage.prepare(sample), null)
      assert.deepStrictEqual(still.patches, still.secondPatches)
      const plain = patchify({ size: 24, patch: 8, kept: 34 })
      assert.deepStrictEqual(plain.draw(yield* plain.prepare(sample), key(5)).patches, still.patches)
    })
  )

  it.live("never mirrors an image whose captions say left or right", () =>
    Effect.gen(function* () {
      const stage = patchify({ size: 24, patch: 8, augment: { flip: 1 } })
      const still = patchify({ size: 24, patch: 8 })
      const sided = yield* stage.prepare({ ...sample, captions: ["a hat", "a hand pointing left"] })
      assert.deepStrictEqual(stage.draw(sided, key(1)), still.draw(sided, null))
      assert.notDeepEqual(stage.draw(yield* stage.prepare(sample), key(1)), still.draw(sided, null))
    })
  )

  it.live("reads back what it keeps", () =>
    Effect.gen(function* () {
      const prepared = yield* patchify({ size: 24, patch: 8 }).prepare(sample)
      const read = preparedImage.decode(preparedImage.encode(prepared))
      assert.deepStrictEqual({ ...read.image, data: [...read.image.data] }, { ...prepared.image, data: [...prepared.image.data] })
      assert.strictEqual(read.mirrorable, true)
    })
  )

  it.live("gives bytes that the program makes the same numbers of", () =>
    Effect.gen(function* () {
      const settings = {
        size: 24,
        patch: 8,
        augment: gentle,
        normalisation: { mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.25, 0.3] }
      } as const
      const floats = patchify(settings)
      const bytes = patchify({ ...settings, output: "uint8" })
      const drawn = bytes.draw(yield* bytes.prepare(sample), key(3)).patches
      assert.instanceOf(drawn, Uint8Array)
      const made = fromBytes(drawn as unknown as Uint8Array, bytes.adds.patches.stored!)
      const expected = floats.draw(yield* floats.prepare(sample), key(3)).patches
      made.forEach((value, i) => void assert.closeTo(value, expected[i]!, 1e-6))
      assert.deepStrictEqual(identityOf(bytes, ""), identityOf(floats, ""))
    })
  )

  it.live("names the sample and the reason where there is no image", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(patchify({ size: 24, patch: 8 }).prepare({ ...sample, image: new Uint8Array(0) }))
      assert.strictEqual(error.message, "sample a: empty")
    })
  )

  it("refuses settings that it does not have", () => {
    assert.throws(() => definition.make({ size: 24, patch: 8, mirror: 1 }), "patchify has no setting 'mirror'")
    assert.throws(() => patchify({ size: 24, patch: 7 }), "patchify.patch: 7 does not divide a size of 24")
    assert.throws(() => definition.make({ size: 24 }), /^patchify: /)
  })

  it("has a second view for stages after it only when there are two", () => {
    const start = pipeline("p", pairs("embedded:emoji"))
    const reading = {
      ...patchify({ size: 24, patch: 8 }),
      stage: "reader",
      as: "reader",
      reads: { secondPatches: patchify({ size: 24, patch: 8 }).adds.patches },
      adds: {}
    } as const
    start.pipe(patchify({ size: 24, patch: 8, views: 2 })).pipe(reading)
    const fault: Fits<ReturnType<typeof patchify<{ size: 24; patch: 8 }>>["adds"], "host", typeof reading> =
      "reader reads 'secondPatches' (float32[patches, pixels]), which no stage before it adds"
    assert.isString(fault)
  })

  it.live("is what version 1 is: golden digests of both halves", () =>
    Effect.gen(function* () {
      const stage = patchify({ size: 24, patch: 8, views: 2, augment: { ...gentle, operations: {} } })
      const prepared = yield* stage.prepare(sample)
      const { patches, secondPatches } = stage.draw(prepared, derive(key(1), "golden"))
      assert.strictEqual(stage.version, 1)
      assert.deepStrictEqual(
        [preparedImage.encode(prepared), bytesOf(patches), bytesOf(secondPatches)].map((bytes) => sha256(bytes)),
        [
          "23a32ccddd83a0e942a7a2638f2f4acd8dd6dc1be4c19296842b39db6cf57cae",
          "749cd726529036b8727f9bf3d9e0fd8dd1f5cc1ea440071b39b92279cb808d6f",
          "630594ec7c9089fb218990effad382ea0981fff86273a8759b1372c20ef5049e"
        ]
      )
    })
  )
})
