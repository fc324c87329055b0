import { Effect, Result } from "effect"
import type { RawSample, Source } from "../../data/source.ts"
import { digest, sha256 } from "../../store/digest.ts"
import { eachSample } from "../each-sample.ts"
import { samplesAt } from "../subset.ts"

/** Pairs that are compared with measured ones: which are others, and how many are the same or cannot be told from them. */
export interface Apart {
  /** Those that are none of the measured ones, whatever the data are called. */
  readonly others: Source
  /** How many are measured: the image is the same, or the id and a caption (shards hold images anew, under their ids). */
  readonly same: number
  /** How many have the captions of a measured pair, with another image and id, where images were encoded anew from other data. */
  readonly alike: number
}

const imageAndId = ({ id, image, captions }: RawSample): readonly string[] => [
  sha256(image),
  ...captions.map((caption) => digest(["id", id, caption.trim()]))
]
const allCaptions = ({ captions }: RawSample): string => digest(["captions", ...captions.map((each) => each.trim()).sort()])

/** Digests that a sample is known again by; its image need not be kept. */
const marksOf = (sample: RawSample) => ({ same: imageAndId(sample), captions: allCaptions(sample) })

/** Tells the marks of every sample that can be read. */
const eachMarks = (source: Source, tell: (marks: ReturnType<typeof marksOf>, index: number) => void) =>
  eachSample(
    source.count,
    (index) => Effect.map(source.sample(index), marksOf),
    (read, index) => {
      if (Result.isSuccess(read)) tell(read.success, index)
    }
  )

/** Whether captions alone leave a doubt: images of either were encoded anew, from what is not known to be the list with these ids. */
const isDoubtful = (a: Source, b: Source): boolean =>
  (a.madeFrom !== undefined || b.madeFrom !== undefined) && (a.madeFrom || a.digest) !== (b.madeFrom || b.digest)

/**
 * Compares few pairs of a source (`all`) with the measured ones (of `whole`) by content: reads each of both once, and keeps digests
 * of the few alone.
 */
export const apartFrom = Effect.fn("evaluate.apartFrom")(function* (
  [few, all]: readonly [Source, Source],
  [measured, whole]: readonly [Source, Source]
) {
  const doubtful = isDoubtful(all, whole)
  const known = new Map<string, Set<number>>()
  const told = new Map<string, Set<number>>()
  const note = (marks: Map<string, Set<number>>, mark: string, index: number): void => {
    marks.set(mark, (marks.get(mark) ?? new Set()).add(index))
  }
  yield* eachMarks(few, (marks, index) => {
    for (const mark of marks.same) note(known, mark, index)
    if (doubtful) note(told, marks.captions, index)
  })
  const same = new Set<number>()
  const alike = new Set<number>()
  yield* eachMarks(measured, (marks) => {
    for (const mark of marks.same) for (const index of known.get(mark) ?? []) same.add(index)
    if (doubtful) for (const index of told.get(marks.captions) ?? []) alike.add(index)
  })
  const others = Array.from({ length: few.count }, (_, i) => i).filter((i) => !same.has(i) && !alike.has(i))
  const alone = [...alike].filter((index) => !same.has(index)).length
  return { others: samplesAt(few, others), same: same.size, alike: alone } satisfies Apart
})

/** How pairs that a ranking was chosen on relate to the measured ones: a sentence, or undefined where they are others. */
export const apartSentence = ({ same, alike }: Pick<Apart, "same" | "alike">, pairs: number): string | undefined => {
  const some = (count: number) => (count >= pairs ? "the pairs" : `${count} of the ${pairs} pairs`)
  if (same > 0) return `${some(same)} that the ranking was chosen on are among them`
  if (alike > 0)
    return `${some(alike)} that the ranking was chosen on have captions that are among them: whether the images are cannot be told`
  return undefined
}
