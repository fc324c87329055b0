import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Source } from "../../../lib/data/source.ts"
import { sampleKinds } from "../../../lib/pipeline/sample-kinds.ts"
import { embedSource } from "../../../lib/task/embed.ts"
import { type Fields, value } from "../../../lib/tensor/field.ts"
import { openTinyModel, tinyLayout } from "./tiny-model.ts"
import { tinyPipeline } from "./tiny-pipeline.ts"

describe("embedSource", () => {
  it.effect("embeds images alone and texts alone as it embeds both", () =>
    Effect.gen(function* () {
      const { source, host, session } = yield* openTinyModel
      const inputs = { session, pipeline: tinyPipeline, layout: tinyLayout, host, who: "student", batch: 4 } as const
      const both = yield* embedSource({ ...inputs, source })
      const having = (fields: Fields, change: (text: string) => { readonly [name: string]: unknown }): Source<Fields> => ({
        ...(source as unknown as Source<Fields>),
        fields,
        sample: (index) =>
          Effect.map(source.sample(index), ({ id, group, image, captions }) =>
            Object.hasOwn(fields, "image") ? { id, group, image } : { id, group, ...change(captions[0]!) }
          )
      })
      const images = yield* embedSource({ ...inputs, source: having(sampleKinds.images, () => ({})) })
      assert.deepStrictEqual([images.items.texts, images.texts.data.length], [[], 0])
      assert.deepStrictEqual(images.images, both.images)
      const texts = yield* embedSource({ ...inputs, source: having({ text: value<string>()("string") }, (text) => ({ text })) })
      assert.deepStrictEqual([texts.items.images, texts.images.data.length], [[], 0])
      assert.deepStrictEqual(texts.texts, both.texts)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
