import { elementwise } from "../../ops/elementwise.ts"
import { type Pass, type Rule, rewrite, type Site } from "../../passes/rewrite.ts"
import { type Node, type Program, sizeOf } from "../../program.ts"

/**
 * Minimum average length of a list's parts. Biases and norms stay joined: copying them costs less than an operation and a
 * variable for each, and there are twice as many of them as of matrices.
 */
const worthwhile = 1 << 13

/** True where a node makes a value of rank 1 by concatenating long parts. */
const isLongParts = (made: Node | undefined, shape: readonly number[]): made is Node =>
  made?.op === "Concat" && shape.length === 1 && shape[0]! >= worthwhile * made.inputs.length

/** Returns the parts of a rank-1 value that concatenates several long ones; undefined for any other value. */
const partsOf = (value: number, site: Site): readonly number[] | undefined => {
  const made = site.producer(value)
  return isLongParts(made, site.type(value).shape) ? made.inputs : undefined
}

const isElementwise = (node: Node): boolean => Object.hasOwn(elementwise, node.op) && node.inputs.length > 0

/**
 * Returns an operand's share for each part: the operand itself where it is a single number, its own parts where their lengths
 * match, the parts of the elementwise op that makes it, slices of it otherwise.
 */
const shares = (value: number, sizes: readonly number[], site: Site): readonly number[] => {
  const { shape } = site.type(value)
  if (sizeOf(shape) === 1) return sizes.map(() => value)
  const parts = partsOf(value, site)
  if (parts?.length === sizes.length && parts.every((part, i) => site.type(part).shape[0] === sizes[i])) return parts
  const made = site.producer(value)
  if (made && isElementwise(made) && sizesFit(made, shape[0]!, site)) return onParts(made, sizes, site)
  let begin = 0
  return sizes.map((size) => {
    const [share] = site.emit("Slice", [value], { begin: [begin], size: [size] })
    begin += size
    return share!
  })
}

/** True where a node's inputs are single numbers or rank-1 values of a length. */
const sizesFit = (node: Node, length: number, site: Site): boolean =>
  node.inputs.every((input) => [1, length].includes(sizeOf(site.type(input).shape)))

/** Applies a node's op to each part. */
const onParts = (node: Node, sizes: readonly number[], site: Site): readonly number[] => {
  const operands = node.inputs.map((input) => shares(input, sizes, site))
  return sizes.map((_, i) => {
    const inputs = operands.map((operand) => operand[i]!)
    return site.emit(node.op, inputs, node.attributes)[0]!
  })
}

/** Applies an elementwise op to each part instead of to the whole. */
const partwise = (node: Node, site: Site): readonly number[] | undefined => {
  const [length, ...more] = site.type(node.outputs[0]!).shape
  if (length === undefined || more.length > 0 || !sizesFit(node, length, site)) return undefined
  const parts = node.inputs.map((input) => partsOf(input, site)).find((found) => found !== undefined)
  if (!parts) return undefined
  const sizes = parts.map((part) => site.type(part).shape[0]!)
  return site.emit("Concat", onParts(node, sizes, site), { axis: 0 })
}

/** Sums a whole as the sum of its parts' sums. */
const sum = (node: Node, site: Site): readonly number[] | undefined => {
  const parts = partsOf(node.inputs[0]!, site)
  if (!parts || node.attributes["keepDims"] === true) return undefined
  return site.emit(
    "AddN",
    parts.map((part) => site.emit("Sum", [part], { axis: [0], keepDims: false })[0]!)
  )
}

const rule: Rule = (node, site) => (isElementwise(node) ? partwise(node, site) : node.op === "Sum" ? sum(node, site) : undefined)

/** Replaces windows part by part where the new value is a concatenation of parts. */
const updates = (program: Program): Program => {
  const maker = new Map(program.nodes.map((node) => [node.outputs[0]!, node]))
  const size = (value: number): number => sizeOf(program.values[value]!.shape)
  return {
    ...program,
    updates: program.updates.flatMap((update) => {
      const made = maker.get(update.value)
      if (update.kind !== "replace" || !isLongParts(made, program.values[update.value]!.shape)) return [update]
      let { offset } = update
      return made.inputs.map((value) => {
        const part = { ...update, value, offset }
        offset += size(value)
        return part
      })
    })
  }
}

/** Turns slices of windows of the state into windows. */
const windows = (program: Program): Program => {
  const from = new Map(program.inputs.map((input) => [input.value, input]))
  const more: Program["inputs"][number][] = []
  const nodes = program.nodes.filter((node) => {
    const source = node.op === "Slice" ? from.get(node.inputs[0]!)?.source : undefined
    const [begin, ...others] = (node.attributes["begin"] ?? []) as readonly number[]
    if (!source || "feed" in source || others.length > 0) return true
    const [value] = node.outputs as [number]
    const offset = source.offset + begin!
    more.push({ name: `${source.buffer}@${offset}+${value}`, value, source: { buffer: source.buffer, offset } })
    return false
  })
  return { ...program, inputs: [...program.inputs, ...more], nodes }
}

/**
 * Splits the buckets of parameters that the training step joins for AdamW on ONNX Runtime, where each operation has a cost. With
 * XLA each copy has a cost: with a variable for each large parameter, and arithmetic on each alone, little is concatenated or
 * sliced.
 */
export const splitBuckets: Pass = (program) => windows(updates(rewrite(program, rule)))
