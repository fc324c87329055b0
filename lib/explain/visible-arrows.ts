/** Fields that one pass adds (or the source gives) and another reads. */
export interface Arrow {
  readonly from: number | "source"
  readonly to: number
  readonly fields: readonly string[]
}

/**
 * Returns the arrows to draw: all that carry a model's states, and of the others (masks, ids, positions) those that no path of
 * two or more arrows implies.
 */
export const visibleArrows = (arrows: readonly Arrow[], isState: (field: string) => boolean): readonly Arrow[] => {
  const next = Map.groupBy(arrows, ({ from }) => from)
  const reaches = (from: Arrow["from"], to: number): boolean =>
    (next.get(from) ?? []).some((arrow) => arrow.to === to || (arrow.to < to && reaches(arrow.to, to)))
  return arrows.filter(
    ({ from, to, fields }) =>
      fields.some(isState) || !(next.get(from) ?? []).some((first) => first.to !== to && first.to < to && reaches(first.to, to))
  )
}
