import { elementwise } from "../../ops/elementwise.ts"
import { type Pass, type Rule, rewrite, type Site } from "../../passes/rewrite.ts"
import { type Node, type Program, sizeOf } from "../../program.ts"

/**
 * How long the parts of a list must be on average. Biases and norms are left together: a copy of them costs less than operations, and
 * variables, for each, and there are twice as many of them as of matrices.
 */
const worthwhile = 1 << 13

/** Whether a value of some shape, made by a node, is a list of numbers put together from long ones. */
const isLongParts = (made: Node | undefined, shape: readonly number[]): made is Node =>
  made?.op === "Concat" && shape.length === 1 && shape[0]! >= worthwhile * made.inputs.length

/** The parts of a list of numbers that was put together from several long ones; undefined for any other value. */
const partsOf = (value: number, site: Site): readonly number[] | undefined => {
  const made = site.producer(value)
  return isLongParts(made, site.type(value).shape) ? made.inputs : undefined
}

const isElementwise = (node: Node): boolean => Object.hasOwn(elementwise, node.op) && node.inputs.length > 0

/** An operand's share in each part: the same where it is one number, its own parts where they are as long, what it is made of part by part, else slices. */
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

/** Whether a node's inputs are single numbers or lists of some length. */
const sizesFit = (node: Node, length: number, site: Site): boolean =>
  node.inputs.every((input) => [1, length].includes(sizeOf(site.type(input).shape)))

/** A node's work on each part. */
const onParts = (node: Node, sizes: readonly number[], site: Site): readonly number[] => {
  const operands = node.inputs.map((input) => shares(input, sizes, site))
  return sizes.map((_, i) => {
    const inputs = operands.map((operand) => operand[i]!)
    return site.emit(node.op, inputs, node.attributes)[0]!
  })
}

/** Number by number on each part, instead of on the whole. */
const partwise = (node: Node, site: Site): readonly number[] | undefined => {
  const [length, ...more] = site.type(node.outputs[0]!).shape
  if (length === undefined || more.length > 0 || !sizesFit(node, length, site)) return undefined
  const parts = node.inputs.map((input) => partsOf(input, site)).find((found) => found !== undefined)
  if (!parts) return undefined
  const sizes = parts.map((part) => site.type(part).shape[0]!)
  return site.emit("Concat", onParts(node, sizes, site), { axis: 0 })
}

/** The sum of a whole as the sum of its parts' sums. */
const sum = (node: Node, site: Site): readonly number[] | undefined => {
  const parts = partsOf(node.inputs[0]!, site)
  if (!parts || node.attributes["keepDims"] === true) return undefined
  return site.emit(
    "AddN",
    parts.map((part) => site.emit("Sum", [part], { axis: [0], keepDims: false })[0]!)
  )
}

const rule: Rule = (node, site) => (isElementwise(node) ? partwise(node, site) : node.op === "Sum" ? sum(node, site) : undefined)

/** Windows that are replaced by a list put together from parts are replaced part by part. */
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

/** Slices of windows of the state are windows themselves. */
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
 * Takes apart what the training step put together for ONNX Runtime, which has a price per operation: AdamW on buckets of parameters.
 * XLA has a price per copy: with a variable for each large parameter, and its own arithmetic, few numbers are put together or cut.
 */
export const splitBuckets: Pass = (program) => windows(updates(rewrite(program, rule)))
