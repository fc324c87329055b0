import type { Overwritable } from "./overwriting.ts"

/** The part of a node that determines where its results may be placed. */
export interface PlannedNode {
  readonly opType: string
  readonly input: readonly string[]
  readonly output: readonly string[]
}

/** Offsets in bytes of a model's tensors in one allocation. */
export interface MemoryPlan {
  readonly bytes: number
  readonly offsets: ReadonlyMap<string, number>
}

/**
 * ONNX ops whose results ONNX Runtime may leave in the memory of their first input. That memory is kept until the last reader of
 * either, so the plan is right whether they do or copy.
 */
const views = new Set(["Reshape", "Identity"])

/** Alignment of tensors in bytes: a cache line. */
const alignment = 64

/** A range of memory that one tensor, or several in sequence, occupies from one node's time to another's. */
interface Block {
  readonly tensors: string[]
  readonly bytes: number
  readonly from: number
  to: number
  offset: number
}

/**
 * Returns the time of the last read of each tensor's memory, including reads through views, and the tensor that owns each
 * tensor's memory.
 */
const lastReads = (nodes: readonly PlannedNode[]) => {
  const owner = new Map<string, string>()
  const ownerOf = (name: string): string => owner.get(name) ?? name
  const last = new Map<string, number>()
  for (const [i, node] of nodes.entries()) {
    for (const input of node.input) last.set(ownerOf(input), i)
    if (views.has(node.opType)) owner.set(node.output[0]!, ownerOf(node.input[0]!))
  }
  return { last, ownerOf, isView: (name: string) => owner.has(name) }
}

/** Groups tensors into blocks: a tensor written over another, which nothing reads afterwards, continues its block. */
const blocksOf = (
  nodes: readonly PlannedNode[],
  bytesOf: (name: string) => number | undefined,
  overwritable: Overwritable
): readonly Block[] => {
  const { last, ownerOf, isView } = lastReads(nodes)
  const blockOf = new Map<string, Block>()
  const blocks: Block[] = []
  for (const [i, node] of nodes.entries())
    for (const [k, output] of node.output.entries()) {
      const bytes = bytesOf(output)
      if (bytes === undefined || isView(output)) continue
      const end = Math.max(i, last.get(output) ?? i)
      const over = (k === 0 ? (overwritable[node.opType] ?? []) : [])
        .map((at) => ownerOf(node.input[at] ?? ""))
        .find((name) => blockOf.get(name)?.bytes === bytes && last.get(name) === i && blockOf.get(name)!.tensors.at(-1) === name)
      const block = over === undefined ? { tensors: [], bytes, from: i, to: end, offset: 0 } : blockOf.get(over)!
      if (over === undefined) blocks.push(block)
      block.tensors.push(output)
      block.to = end
      blockOf.set(output, block)
    }
  return blocks
}

/** Returns the lowest offset at which a block fits between the placed blocks that are alive at the same time. */
const place = (block: Block, placed: readonly Block[]): number => {
  let offset = 0
  for (const other of placed) {
    if (other.to < block.from || other.from > block.to) continue
    if (offset + block.bytes <= other.offset) break
    offset = Math.max(offset, Math.ceil((other.offset + other.bytes) / alignment) * alignment)
  }
  return offset
}

/**
 * Plans offsets for the results of nodes that run in the given order, so that together they take little memory: the largest
 * first, each at the lowest offset free during its lifetime (Pisarchyk & Lee 2020, "greedy by size"). `bytesOf` gives the sizes
 * of the tensors to place. A node's result never overlaps one of its inputs, except the inputs that `overwritable` names.
 */
export const planMemory = (
  nodes: readonly PlannedNode[],
  bytesOf: (name: string) => number | undefined,
  overwritable: Overwritable
): MemoryPlan => {
  const blocks = blocksOf(nodes, bytesOf, overwritable)
  const placed: Block[] = []
  const offsets = new Map<string, number>()
  let bytes = 0
  for (const block of blocks.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    block.offset = place(block, placed)
    const at = placed.findIndex((other) => other.offset > block.offset)
    placed.splice(at < 0 ? placed.length : at, 0, block)
    bytes = Math.max(bytes, block.offset + block.bytes)
    for (const tensor of block.tensors) offsets.set(tensor, block.offset)
  }
  return { bytes, offsets }
}
