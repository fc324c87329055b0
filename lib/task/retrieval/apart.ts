import { Effect, Result } from "effect"
import type { RawSample, Source } from "../../data/source.ts"
import { digest, sha256 } from "../../store/digest.ts"
import { eachSample } from "../each-sample.ts"
import { samplesAt } from "../subset.ts"

/**
 * Result of comparing pairs with the test pairs: the pairs that differ, and the number of those that are identical or
 * indistinguishable.
 */
export interface Apart {
  /** Pairs that are not test pairs, whatever the data sets are called. */
  readonly others: Source
  /** Number of test pairs: the same image, or the same id and caption (shards hold re-encoded images under their ids). */
  readonly same: number
  /** Number of pairs with the captions of a test pair but another image and id, where images were re-encoded from other data. */
  readonly alike: number
}

const imageAndId = ({ id, image, captions }: RawSample): readonly string[] => [
  sha256(image),
  ...captions.map((caption) => digest(["id", id, caption.trim()]))
]
const allCaptions = ({ captions }: RawSample): string => digest(["captions", ...captions.map((each) => each.trim()).sort()])

/** Returns digests that identify a sample, so that its image need not be kept. */
const marksOf = (sample: RawSample) => ({ same: imageAndId(sample), captions: allCaptions(sample) })

/** Reports the digests of every sample that can be read. */
const eachMarks = (source: Source, tell: (marks: ReturnType<typeof marksOf>, index: number) => void) =>
  eachSample(
    source.count,
    (index) => Effect.map(source.sample(index), marksOf),
    (read, index) => {
      if (Result.isSuccess(read)) tell(read.success, index)
    }
  )

/**
 * True where equal captions alone are ambiguous: the images of one source were re-encoded, and it is unknown whether their origin
 * is the list with these ids.
 */
const isDoubtful = (a: Source, b: Source): boolean =>
  (a.madeFrom !== undefined || b.madeFrom !== undefined) && (a.madeFrom || a.digest) !== (b.madeFrom || b.digest)

/**
 * Compares a few pairs of a source (`all`) with the test pairs (of `whole`) by content: reads each source once, and keeps digests
 * of the few alone.
 */
export const apartFrom = Effect.fn("evaluate.apartFrom")(function* (
  [few, all]: readonly [Source, Source],
  [measured, whole]: readonly [Source, Source]
) {
  const doubtful = isDoubtful(all, whole)
  const known = new Map<string, Set<number>>()
  const byCaptions = new Map<string, Set<number>>()
  const note = (marks: Map<string, Set<number>>, mark: string, index: number): void => {
    marks.set(mark, (marks.get(mark) ?? new Set()).add(index))
  }
  yield* eachMarks(few, (marks, index) => {
    for (const mark of marks.same) note(known, mark, index)
    if (doubtful) note(byCaptions, marks.captions, index)
  })
  const same = new Set<number>()
  const alike = new Set<number>()
  yield* eachMarks(measured, (marks) => {
    for (const mark of marks.same) for (const index of known.get(mark) ?? []) same.add(index)
    if (doubtful) for (const index of byCaptions.get(marks.captions) ?? []) alike.add(index)
  })
  const others = Array.from({ length: few.count }, (_, i) => i).filter((i) => !same.has(i) && !alike.has(i))
  const alone = [...alike].filter((index) => !same.has(index)).length
  return { others: samplesAt(few, others), same: same.size, alike: alone } satisfies Apart
})

/** Describes how the pairs that a ranking was chosen on relate to the test pairs; undefined where they are disjoint. */
export const apartSentence = ({ same, alike }: Pick<Apart, "same" | "alike">, pairs: number): string | undefined => {
  const some = (count: number) => (count >= pairs ? "the pairs" : `${count} of the ${pairs} pairs`)
  if (same > 0) return `${some(same)} that the ranking was chosen on are among them`
  if (alike > 0)
    return `${some(alike)} that the ranking was chosen on have captions that are among them: whether the images are cannot be told`
  return undefined
}
