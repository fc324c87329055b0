import { type Input, type Node, type Program, sizeOf, type Update } from "./program.ts"

/** Ops whose result may share the memory of their input when the number of elements stays the same. */
const passingOn = new Set([
  "Reshape",
  "ExpandDims",
  "Identity",
  "Transpose",
  "Slice",
  "Cast",
  "Floor",
  "AddN",
  "Sum",
  "Mean",
  "Max",
  "Min",
  "Tile",
  "Concat",
  "SplitV",
  "Pack",
  "PadV2"
])

/** True where a node's kernel may write its result over any input of the same size, element by element. */
export type Overwrites = (program: Program, node: Node) => boolean

interface Window {
  readonly buffer: string
  readonly from: number
  readonly to: number
}

const inputWindow = (program: Program, { value, source }: Input): Window | undefined =>
  "feed" in source
    ? undefined
    : { buffer: source.buffer, from: source.offset, to: source.offset + sizeOf(program.values[value]!.shape) }

const overlap = (a: Window, b: Window): boolean => a.buffer === b.buffer && a.from < b.to && b.from < a.to

/** Facts about a program's values that the search for in-place updates uses. */
interface Analysis {
  readonly program: Program
  readonly readers: readonly (readonly number[])[]
  /** Index of the node that makes each value; −1 for inputs. */
  readonly maker: Int32Array
  readonly leaves: Uint8Array
  readonly windows: ReadonlyMap<string, readonly { readonly value: number; readonly window: Window }[]>
}

const analyse = (program: Program): Analysis => {
  const readers: number[][] = program.values.map(() => [])
  const maker = new Int32Array(program.values.length).fill(-1)
  const leaves = new Uint8Array(program.values.length)
  for (const [i, node] of program.nodes.entries()) {
    for (const input of node.inputs) readers[input]!.push(i)
    for (const output of node.outputs) maker[output] = i
  }
  for (const { value } of [...program.outputs, ...program.updates]) leaves[value] = 1
  const windows = new Map<string, { value: number; window: Window }[]>()
  for (const input of program.inputs) {
    const window = inputWindow(program, input)
    if (!window) continue
    const known = windows.get(window.buffer)
    if (known) known.push({ value: input.value, window })
    else windows.set(window.buffer, [{ value: input.value, window }])
  }
  return { program, readers, maker, leaves, windows }
}

/** Nodes that read the memory of the given values, also through views of it; undefined where that memory leaves the program. */
const readersOf = ({ program, readers, leaves }: Analysis, values: readonly number[]): ReadonlySet<number> | undefined => {
  const found = new Set<number>()
  const open = [...values]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (leaves[value]) return undefined
    const size = sizeOf(program.values[value]!.shape)
    for (const reader of readers[value]!) {
      found.add(reader)
      const node = program.nodes[reader]!
      if (passingOn.has(node.op)) open.push(...node.outputs.filter((output) => sizeOf(program.values[output]!.shape) === size))
    }
  }
  return found
}

/** True where all given nodes precede a node on paths of the graph, so that every order runs them first. */
const allBefore = (
  { program, maker }: Analysis,
  nodes: ReadonlySet<number>,
  last: number,
  seen: Int32Array,
  mark: number
): boolean => {
  let missing = nodes.size - (nodes.has(last) ? 1 : 0)
  const first = Math.min(...nodes)
  const open = [last]
  for (let at = open.pop(); at !== undefined && missing > 0; at = open.pop())
    for (const input of program.nodes[at]!.inputs) {
      const made = maker[input]!
      if (made < first || seen[made] === mark) continue
      seen[made] = mark
      if (nodes.has(made)) missing--
      open.push(made)
    }
  return missing === 0
}

/** True where the node that writes a window reads each old element only at the position where it writes the new one. */
const readsWhereItWrites = (
  program: Program,
  node: Node,
  target: Window,
  overlapping: readonly { readonly value: number; readonly window: Window }[],
  overwrites: Overwrites
): boolean => {
  const read = overlapping.filter(({ value }) => node.inputs.includes(value))
  if (read.length === 0) return true
  if (!overwrites(program, node)) return false
  return read.every(
    ({ value, window }) =>
      window.from === target.from && window.to === target.to && sizeOf(program.values[value]!.shape) === target.to - target.from
  )
}

/**
 * Returns the updates (by their index in the program) that may overwrite the window they replace while the program runs, for any
 * order of its nodes: everything that reads an overlapping window precedes the writing node on paths of the graph, and the
 * writing node itself reads an element only where it writes the replacement, with a kernel that `overwrites` allows to do so.
 */
export const updatesInPlace = (program: Program, overwrites: Overwrites): ReadonlySet<number> => {
  const analysis = analyse(program)
  const seen = new Int32Array(program.nodes.length)
  const written = new Map<number, number>()
  const safe = new Set<number>()
  const check = (update: Update, mark: number): boolean => {
    if (update.kind !== "replace" || written.has(update.value)) return false
    const last = analysis.maker[update.value]!
    if (last < 0) return false
    const target = { buffer: update.buffer, from: update.offset, to: update.offset + sizeOf(program.values[update.value]!.shape) }
    const overlapping = (analysis.windows.get(update.buffer) ?? []).filter(({ window }) => overlap(window, target))
    const readers = readersOf(
      analysis,
      overlapping.map(({ value }) => value)
    )
    if (!readers || !readsWhereItWrites(program, program.nodes[last]!, target, overlapping, overwrites)) return false
    // the writing node may read the old elements in a shape other than the window's
    const node = program.nodes[last]!
    if (readers.has(last) && !overwrites(program, node)) return false
    return allBefore(analysis, readers, last, seen, mark)
  }
  for (const [i, update] of program.updates.entries())
    if (check(update, i + 1)) {
      safe.add(i)
      written.set(update.value, i)
    }
  return safe
}
