import type { BufferSpec, Program } from "../program.ts"

/** A range of a state buffer that is one variable in TensorFlow, so that a program replaces it whole. */
export interface Piece {
  readonly buffer: string
  readonly dtype: "float32" | "int32"
  readonly offset: number
  readonly length: number
}

/** The pieces of each buffer, in order and without gaps. */
export type Partition = ReadonlyMap<string, readonly Piece[]>

/**
 * Returns, for each buffer, the ends of the windows that programs replace; of the windows that they read, where they replace
 * none.
 */
const cutsOf = (programs: readonly Program[]): ReadonlyMap<string, ReadonlySet<number>> => {
  const cuts = new Map<string, Set<number>>()
  const cut = (buffer: string, offset: number, size: number): void => {
    const known = cuts.get(buffer) ?? new Set()
    cuts.set(buffer, known.add(offset).add(offset + size))
  }
  const replaced = new Set(
    programs.flatMap(({ updates }) => updates.flatMap(({ kind, buffer }) => (kind === "replace" ? [buffer] : [])))
  )
  for (const { inputs, updates, values } of programs) {
    const size = (value: number): number => values[value]!.shape.reduce((a, b) => a * b, 1)
    for (const { source, value } of inputs)
      if ("buffer" in source && !replaced.has(source.buffer)) cut(source.buffer, source.offset, size(value))
    for (const update of updates) if (update.kind === "replace") cut(update.buffer, update.offset, size(update.value))
  }
  return cuts
}

/**
 * Cuts every buffer where a window that some program replaces begins or ends; a read may slice a part of a piece. A ring stays
 * whole.
 */
export const partition = (buffers: { readonly [name: string]: BufferSpec }, programs: readonly Program[]): Partition => {
  const cuts = cutsOf(programs)
  return new Map(
    Object.entries(buffers).map(([buffer, { dtype, length, ring }]) => {
      const inside = ring ? [] : [...(cuts.get(buffer) ?? [])].filter((at) => at > 0 && at < length).sort((a, b) => a - b)
      const starts = length === 0 ? [] : [0, ...inside]
      return [buffer, starts.map((offset, i) => ({ buffer, dtype, offset, length: (starts[i + 1] ?? length) - offset }))]
    })
  )
}

/** A piece that a window covers at least partly, and the covered range of it, counted from the piece's beginning. */
export interface Covered {
  readonly piece: Piece
  readonly from: number
  readonly to: number
}

/** Returns the pieces that a window covers, in order. */
export const coveredBy = (pieces: readonly Piece[], offset: number, length: number): readonly Covered[] =>
  pieces.flatMap((piece) => {
    const from = Math.max(0, offset - piece.offset)
    const to = Math.min(piece.length, offset + length - piece.offset)
    return from < to ? [{ piece, from, to }] : []
  })
