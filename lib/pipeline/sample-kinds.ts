import { type Fields, value } from "../tensor/field.ts"
import { pairValues, type SourceData, samples } from "./samples.ts"

const { image } = pairValues
const text = value<string>()("string")
const several = value<readonly string[]>()("strings")

/** Named kinds of samples, as in `?kind=`: each is a record of the fields of its samples. */
export const sampleKinds = {
  pairs: pairValues,
  /** An image without text. */
  images: { image },
  /** A text without an image. */
  texts: { text },
  /** An image and the name of its class. */
  labelled: { image, label: text },
  /** A question about an image, and all of its answers. */
  questions: { image, question: text, answers: several }
} as const satisfies Record<string, Fields>

type Kinds = typeof sampleKinds
const kindOf =
  <K extends keyof Kinds>(kind: K) =>
  (train: string, heldOut: string | null = null): SourceData<Kinds[K]> =>
    samples(sampleKinds[kind], train, heldOut) as SourceData<Kinds[K]>

/** Creates a source of images alone. */
export const images = kindOf("images")

/** Creates a source of texts alone. */
export const texts = kindOf("texts")

/** Creates a source of images with the names of their classes. */
export const labelled = kindOf("labelled")

/** Creates a source of questions about images, with their answers. */
export const questions = kindOf("questions")
