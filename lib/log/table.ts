const widthOf = (cell: string): number => [...cell].length

/** Formats rows under a header, in columns two spaces apart. */
export const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string => {
  const widths = head.map((name, column) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[column] ?? ""))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, widths[column]! - widthOf(cell))))
      .join("  ")
      .trimEnd()
  return [head, ...rows].map(line).join("\n")
}
