import { sizeOf } from "../program.ts"
import { attr, type Graph, nodeOf } from "./graph.ts"
import { coveredBy, type Partition, type Piece } from "./partition.ts"

const indexed = { T: attr.type("float32"), Index: attr.type("int32") }

/**
 * The state inside a function: pieces are read once, at its beginning, and assigned once, at its end. Variables hold float32, the
 * bits of integers too: TensorFlow has no int32 variables on GPUs.
 */
export interface StateInGraph {
  /** Returns the elements of a window before the run, in a shape. */
  readonly read: (buffer: string, offset: number, shape: readonly number[]) => string
  readonly replace: (buffer: string, offset: number, length: number, tensor: string) => void
  /** Writes everything that was replaced; returns the nodes that do it, which the function must wait for. */
  readonly assign: () => readonly string[]
  /** Returns the pieces that were read or replaced, in the order of the function's arguments. */
  readonly used: () => readonly Piece[]
}

/** Name of the function's argument for the n-th piece used. */
export const argumentOf = (number: number): string => `state${number}`

/** Starts from the state at the time of the call. */
export const stateInGraph = (graph: Graph, partition: Partition): StateInGraph => {
  const used = new Map<Piece, number>()
  const before = new Map<Piece, string>()
  const now = new Map<Piece, string>()
  const argument = (piece: Piece): string => {
    if (!used.has(piece)) used.set(piece, used.size)
    return argumentOf(used.get(piece)!)
  }
  const readPiece = (piece: Piece): string => {
    const known = before.get(piece)
    if (known) return known
    const made = graph.emit("ReadVariableOp", [argument(piece)], { dtype: attr.type("float32") })
    before.set(piece, made)
    return made
  }
  const slice = (x: string, length: number, from: number, to: number): string =>
    from === 0 && to === length ? x : graph.emit("Slice", [x, graph.ints([from]), graph.ints([to - from])], indexed)
  const concat = (parts: readonly string[]): string =>
    parts.length === 1
      ? parts[0]!
      : graph.emit("ConcatV2", [...parts, graph.scalar(0, "int32")], {
          T: attr.type("float32"),
          N: attr.int(parts.length),
          Tidx: attr.type("int32")
        })
  const flat = (x: string, length: number, dtype: "float32" | "int32"): string =>
    graph.emit("Reshape", [x, graph.ints([length])], { T: attr.type(dtype), Tshape: attr.type("int32") })
  const bits = (x: string, from: "float32" | "int32", to: "float32" | "int32"): string =>
    from === to ? x : graph.emit("Bitcast", [x], { T: attr.type(from), type: attr.type(to) })
  const dtypeOf = (buffer: string): "float32" | "int32" => partition.get(buffer)![0]!.dtype
  return {
    read: (buffer, offset, shape) => {
      const covered = coveredBy(partition.get(buffer)!, offset, sizeOf(shape))
      const numbers = concat(covered.map(({ piece, from, to }) => slice(readPiece(piece), piece.length, from, to)))
      const dtype = dtypeOf(buffer)
      const attrs = { T: attr.type(dtype), Tshape: attr.type("int32") }
      return graph.emit("Reshape", [bits(numbers, "float32", dtype), graph.ints(shape)], attrs)
    },
    replace: (buffer, offset, length, tensor) => {
      const dtype = dtypeOf(buffer)
      const numbers = bits(flat(tensor, length, dtype), dtype, "float32")
      for (const { piece, from, to } of coveredBy(partition.get(buffer)!, offset, length)) {
        const begin = piece.offset + from - offset
        const part = slice(numbers, length, begin, begin + to - from)
        if (from === 0 && to === piece.length) {
          now.set(piece, part)
          continue
        }
        const old = now.get(piece) ?? readPiece(piece)
        const around = [
          ...(from > 0 ? [slice(old, piece.length, 0, from)] : []),
          part,
          ...(to < piece.length ? [slice(old, piece.length, to, piece.length)] : [])
        ]
        now.set(piece, concat(around))
      }
    },
    assign: () =>
      [...now].map(([piece, numbers]) => {
        const read = before.get(piece)
        const inputs = [argument(piece), numbers, ...(read ? [`^${nodeOf(read)}`] : [])]
        return graph.act("AssignVariableOp", inputs, { dtype: attr.type("float32"), validate_shape: attr.bool(false) })
      }),
    used: () => [...used.keys()]
  }
}
