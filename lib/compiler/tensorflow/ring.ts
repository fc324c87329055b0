import type { BufferSpec } from "../program.ts"
import { attr, type Graph } from "./graph.ts"
import type { StateInGraph } from "./state.ts"

/**
 * Writes rows into a ring at its pointer, wrapping at its end, and advances the pointer. `pointer` is the buffer that keeps it,
 * int32[1]. There are at most as many rows as the ring has.
 */
export const enqueue = (
  graph: Graph,
  state: StateInGraph,
  ring: { readonly name: string; readonly pointer: string; readonly spec: BufferSpec },
  rows: string,
  length: number
): void => {
  const { dtype } = ring.spec
  const { rows: total, width } = ring.spec.ring!
  const count = length / width
  const integer = { T: attr.type("int32") }
  const typed = attr.type(dtype)
  const pointer = state.read(ring.pointer, 0, [])
  const modulo = (x: string): string => graph.emit("FloorMod", [x, graph.scalar(total, "int32")], integer)
  const numbers = graph.constant(
    Array.from({ length: count }, (_, i) => i),
    [count, 1],
    "int32"
  )
  const places = modulo(graph.emit("AddV2", [numbers, pointer], integer))
  const given = graph.emit("Reshape", [rows, graph.ints([count, width])], { T: typed, Tshape: attr.type("int32") })
  const written = graph.emit("TensorScatterUpdate", [state.read(ring.name, 0, [total, width]), places, given], {
    T: typed,
    Tindices: attr.type("int32")
  })
  state.replace(ring.name, 0, total * width, written)
  state.replace(ring.pointer, 0, 1, modulo(graph.emit("AddV2", [pointer, graph.scalar(count, "int32")], integer)))
}
