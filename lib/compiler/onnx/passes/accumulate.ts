import { type Pass, rewrite, type Site, useCounts } from "../../passes/rewrite.ts"
import { sameShape } from "../../passes/same-shape.ts"
import type { Node, Program } from "../../program.ts"

/** Products that accumulate into a sum, by the value that each makes, with the index of its sum. */
interface Plan {
  readonly sumOf: ReadonlyMap<number, number>
  /** By sum: the terms that exist before the first product, which are summed first, and the shape of all. */
  readonly sums: ReadonlyMap<
    number,
    { readonly first: readonly number[]; readonly later: readonly number[]; readonly products: number }
  >
}

/** Chooses, among each sum's terms, the products that can take the partial sum as an operand, in execution order. */
const planSums = (program: Program): Plan => {
  const place = new Map<number, number>()
  const made = new Map<number, Node>()
  for (const [i, node] of program.nodes.entries())
    for (const output of node.outputs) {
      place.set(output, i)
      made.set(output, node)
    }
  const uses = useCounts(program)
  const sumOf = new Map<number, number>()
  const sums = new Map<number, { first: number[]; later: number[]; products: number }>()
  /** Returns the product whose result, possibly reshaped, is a term, where nothing else reads it. */
  const productOf = (term: number): number | undefined => {
    const node = made.get(term)
    if (uses[term] !== 1) return undefined
    if (node?.op === "Gemm") return term
    const inner = node?.op === "Reshape" ? node.inputs[0]! : undefined
    return inner !== undefined && uses[inner] === 1 && made.get(inner)?.op === "Gemm" ? inner : undefined
  }
  for (const node of program.nodes) {
    const [sum] = node.outputs as [number]
    const full =
      node.op === "AddN" ||
      (node.op === "Add" && node.inputs.every((input) => sameShape(program.values[input]!.shape, program.values[sum]!.shape)))
    if (!full || program.values[sum]!.dtype !== "float32" || new Set(node.inputs).size !== node.inputs.length) continue
    const products = node.inputs.flatMap((term) => productOf(term) ?? []).sort((a, b) => place.get(a)! - place.get(b)!)
    const others = node.inputs.filter((term) => productOf(term) === undefined)
    const ready = others.filter((term) => products.length > 0 && (place.get(term) ?? -1) < place.get(products[0]!)!)
    const joined = ready.length > 0 ? products : products.slice(1)
    if (joined.length === 0) continue
    sums.set(sum, {
      first: ready.length > 0 ? ready : [products[0]!],
      later: others.filter((term) => !ready.includes(term)),
      products: joined.length
    })
    for (const product of joined) sumOf.set(product, sum)
  }
  return { sumOf, sums }
}

const inShape = (site: Site, value: number, shape: readonly number[]): number =>
  sameShape(site.type(value).shape, shape) ? value : site.emit("Reshape", [value], { shape })[0]!

/**
 * Makes products that are terms of a sum take the partial sum as an operand, in execution order, so that gradients of a value
 * with several readers are never kept side by side. Runs after nodes have their order.
 */
export const accumulate: Pass = (program) => {
  const plan = planSums(program)
  const standsFor = new Map<number, number>()
  const current = (value: number): number => standsFor.get(value) ?? value
  const soFar = new Map<number, number>()
  let at = 0
  return rewrite(program, (node, site) => {
    const before = program.nodes[at++]!
    const [output] = before.outputs as [number]
    const result = ((): readonly number[] | undefined => {
      const sum = plan.sumOf.get(output)
      if (sum !== undefined) {
        const { first } = plan.sums.get(sum)!
        const start = soFar.get(sum) ?? (first.length === 1 ? current(first[0]!) : site.emit("AddN", first.map(current))[0]!)
        const c = inShape(site, start, site.type(output).shape)
        const made = site.emit("GemmAdd", [...node.inputs, c], node.attributes)
        soFar.set(sum, made[0]!)
        return made
      }
      const planned = plan.sums.get(output)
      if (!planned) return undefined
      const all = [inShape(site, soFar.get(output)!, site.type(output).shape), ...planned.later.map(current)]
      return all.length === 1 ? all : site.emit("AddN", all)
    })()
    if (result) for (const [i, value] of before.outputs.entries()) standsFor.set(value, result[i]!)
    return result
  })
}
