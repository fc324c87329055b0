import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { goldenData } from "./golden-data.ts"
import { openedJson } from "./opened.ts"
import { test } from "./scoped-test.ts"

describe("ids in COCO's lists", () => {
  test(
    "are numbers or texts, and two where they differ in that alone, as pycocotools has it",
    Effect.gen(function* () {
      for (const { list, captions } of goldenData.coco) {
        const opened = yield* openedJson(list)
        if (typeof opened === "string") return assert.fail(opened)
        assert.deepStrictEqual(opened, { samples: Object.entries(captions).map(([name, texts]) => [name, ...texts]), issues: [] })
      }
    })
  )

  test(
    "are found though the annotations spell numbers as texts, or texts as numbers, and that is told",
    Effect.gen(function* () {
      const list = (ofImage: unknown, ofCaption: unknown) => ({
        images: [{ id: ofImage, file_name: "a.jpg" }],
        annotations: [{ image_id: ofCaption, caption: "one" }]
      })
      for (const [image, caption, issue] of [
        [7, "7", "noted 1 × image_id is a text where the image's id is a number (annotations[0])"],
        ["7", 7, "noted 1 × image_id is a number where the image's id is a text (annotations[0])"]
      ] as const)
        assert.deepStrictEqual(yield* openedJson(list(image, caption)), { samples: [["a.jpg", "one"]], issues: [issue] })
      assert.match(String(yield* openedJson(list(7, "07"))), /image_id of no image \(annotations\[0\], "07"\)$/)
      const twice = {
        images: [
          { id: 1, file_name: "a.jpg" },
          { id: 1, file_name: "b.jpg" }
        ],
        annotations: [{ image_id: 1, caption: "one" }]
      }
      assert.deepStrictEqual(yield* openedJson(twice), {
        samples: [["b.jpg", "one"]],
        issues: ["noted 1 × id of an image before, in whose place it is taken (images[1], 1)"]
      })
    })
  )
})
