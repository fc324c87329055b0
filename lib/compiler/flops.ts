import { type Node, type Program, sizeOf, type ValueType } from "./program.ts"

type Count = (inputs: readonly ValueType[], outputs: readonly ValueType[], node: Node) => number

const size = (type: ValueType): number => sizeOf(type.shape)

/** Two operations for each element of the result and each element summed over. */
const product: Count = ([a], [y], node) => 2 * size(y!) * a!.shape.at(node.attributes["transposeA"] === true ? -2 : -1)!
const linear: Count = ([x], [y]) => 2 * size(y!) * x!.shape.at(-1)!
/** Two products over all pairs of a query and a key: the scores, and their product with the values. */
const attention: Count = ([query, key]) => 4 * size(query!) * key!.shape[1]!
const attentionGrad: Count = ([, query, key]) => 10 * size(query!) * key!.shape[1]!
/** Operations of a convolution: for each element of the result, a product over the filter's positions and input channels. */
const ofFilter = (result: ValueType, filter: ValueType): number => (2 * size(result) * size(filter)) / filter.shape[3]!
/** One sum over the gradient of the scores, which the gradient of attention has computed already. */
const attentionBiasGrad: Count = ([, query, key], _, { attributes }) =>
  query!.shape[0]! * (attributes["heads"] as number) * query!.shape[1]! * key!.shape[1]!
const free: Count = () => 0
const each: Count = (_, outputs) => outputs.reduce((sum, output) => sum + size(output), 0)
const read: Count = (inputs) => inputs.reduce((sum, input) => sum + size(input), 0)

const counts: { readonly [op: string]: Count } = {
  BatchMatMul: product,
  Gemm: product,
  GemmAdd: product,
  Linear: linear,
  LinearUnbiased: linear,
  Attention: attention,
  BiasedAttention: attention,
  AttentionGrad: attentionGrad,
  BiasedAttentionGrad: attentionGrad,
  AttentionBiasGrad: attentionBiasGrad,
  Conv2D: ([, filter], [y]) => ofFilter(y!, filter!),
  Conv2DBackpropInput: ([dy, filter]) => ofFilter(dy!, filter!),
  Conv2DBackpropFilter: ([, dy], [filter]) => ofFilter(dy!, filter!),
  Sum: read,
  Mean: read,
  Max: read,
  Min: read,
  AddN: read,
  SquareSum: read,
  Constant: free,
  Fill: free,
  Range: free,
  Reshape: free,
  ExpandDims: free,
  Identity: free,
  Transpose: free,
  Concat: free,
  SplitV: free,
  Pack: free,
  Slice: free,
  PadV2: free,
  Tile: free,
  GatherV2: free,
  Cast: free
}

/**
 * Floating-point operations of a node: exact for matrix products and convolutions, one per output element for everything else.
 */
export const nodeFlops = (program: Program, node: Node): number =>
  (counts[node.op] ?? each)(
    node.inputs.map((input) => program.values[input]!),
    node.outputs.map((output) => program.values[output]!),
    node
  )

/** Floating-point operations of one run of a program, in total and by stage. */
export const flops = (program: Program): { readonly total: number; readonly byStage: ReadonlyMap<string, number> } => {
  const byStage = new Map<string, number>()
  let total = 0
  for (const node of program.nodes) {
    const count = nodeFlops(program, node)
    total += count
    byStage.set(node.stage, (byStage.get(node.stage) ?? 0) + count)
  }
  return { total, byStage }
}
