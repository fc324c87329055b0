import type { TextItem } from "../items.ts"
import type { Rows } from "../nearest.ts"

/** Label as words: `animal-mammal` becomes "animal mammal". */
export const wordsOf = (label: string): string => label.replace(/[-_]+/g, " ").trim()

/** Texts of classes, template by template within each class; `{}` is replaced by the label's words. */
export const classTexts = (classes: readonly string[], templates: readonly string[]): readonly TextItem[] =>
  classes.flatMap((label, group) =>
    templates.map((template) => ({ id: label, group, text: template.replaceAll("{}", wordsOf(label)) }))
  )

const addUnit = (into: Float32Array, row: Float32Array): void => {
  const length = Math.hypot(...row)
  for (const [i, x] of row.entries()) into[i]! += x / length
}

/**
 * Embedding of each class: the mean of its texts' unit embeddings (rows in the order of `classTexts`), normalised to unit length.
 */
export const classEmbeddings = ({ data, width }: Rows, templates: number): Rows => {
  const classes = data.length / width / templates
  const means = new Float32Array(classes * width)
  for (let c = 0; c < classes; c++) {
    const mean = means.subarray(c * width, (c + 1) * width)
    for (let t = 0; t < templates; t++) {
      const at = (c * templates + t) * width
      addUnit(mean, data.subarray(at, at + width))
    }
    const length = Math.hypot(...mean)
    for (const [i, x] of mean.entries()) mean[i] = x / length
  }
  return { data: means, width }
}
