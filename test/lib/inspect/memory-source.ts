import { Effect } from "effect"
import { contentDigest, type RawSample, type Source } from "../../../lib/data/source.ts"
import { SampleError } from "../../../lib/pipeline/errors.ts"

/** A source of samples that are at hand; a text in the place of one is the reason why it cannot be read. */
export const memorySource = (
  samples: ReadonlyArray<readonly [id: string, image: Uint8Array | string, captions: readonly string[]]>
): Source => {
  const sample = (index: number) => {
    const [id, image, captions] = samples[index]!
    return typeof image === "string"
      ? Effect.fail(new SampleError({ id, reason: image }))
      : Effect.succeed<RawSample>({ id, group: index, image, captions })
  }
  return {
    name: "memory",
    count: samples.length,
    digest: "0123",
    credits: [{ name: "Images", author: "A & B", licence: "MIT", url: "https://example.org/" }],
    issues: [],
    id: (index) => samples[index]![0],
    group: (index) => index,
    texts: (index) => Effect.map(sample(index), ({ captions }) => captions),
    sample,
    sampleDigest: (index) => Effect.map(sample(index), ({ image, captions }) => contentDigest(image, captions))
  }
}
