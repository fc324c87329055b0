import { attributeProto, tensorProto, valueInfo } from "../../compiler/onnx/graph.ts"
import type { GraphProto, NodeProto, TensorProto } from "../../compiler/onnx/messages.ts"
import type { Overwritable } from "../../compiler/onnx/overwriting.ts"

/** One arrangement of operands in which an op's result overwrites an input. */
export interface ProbeCase {
  readonly op: string
  /** Position of the input that is overwritten. */
  readonly over: number
  readonly inputs: readonly ProbeInput[]
  readonly output: { readonly name: string; readonly shape: readonly number[] }
  readonly node: NodeProto
}

export interface ProbeInput {
  readonly name: string
  readonly shape: readonly number[]
}

/** Cases of one size, and a graph that computes each in a separate node. */
export interface ProbeGraph {
  readonly graph: GraphProto
  readonly cases: readonly ProbeCase[]
}

type Shape = readonly number[]

/**
 * Rows and columns of the results tried: around the lengths at which kernels divide their work (vectors of 4 to 16 elements with
 * a remainder, 4,096 elements a task in Gelu), and above the 64 KiB from which results are placed, so that several threads take
 * part.
 */
export const probeShapes: readonly (readonly [rows: number, columns: number])[] = [
  [1, 7],
  [3, 1365],
  [1, 4097],
  [67, 515]
]

/** Shapes of an op's inputs, for each arrangement of its operands; `null` marks the tensor that is overwritten. */
const inputShapes = (
  op: string,
  over: number,
  [rows, columns]: readonly [number, number]
): readonly (readonly (Shape | null)[])[] => {
  const full = [rows, columns]
  if (op === "Gemm") return [[[rows, 5], [5, columns], full]]
  if (op === "Sum") return [[full, full, full]]
  if (op === "Clip") return [[full, [], []]]
  if (!binary.has(op)) return [[full]]
  return [full, [columns], [rows, 1], [], null].map((other) => (over === 0 ? [full, other] : [other, full]))
}

const binary = new Set(["Add", "Sub", "Mul", "Div", "Max", "Min"])
const attributes = (op: string) => (op.endsWith("oftmax") ? [attributeProto("axis", -1)] : [])

/** Returns the graph that tries all of a table's ops at one size. */
export const probeGraph = (table: Overwritable, size: readonly [rows: number, columns: number]): ProbeGraph => {
  const cases: ProbeCase[] = []
  const initializer: TensorProto[] = ["low", "high"].map((name, i) => ({ name, ...tensorProto([0.3 + 0.4 * i], [], "float32") }))
  for (const [op, positions] of Object.entries(table))
    for (const over of positions)
      for (const shapes of inputShapes(op, over, size)) {
        const name = `case${cases.length}`
        const own = `${name}.${over}`
        const names = op === "Clip" ? [own, "low", "high"] : shapes.map((shape, i) => (shape === null ? own : `${name}.${i}`))
        const inputs = shapes.flatMap((shape, i) =>
          shape === null || (op === "Clip" && i > 0) ? [] : [{ name: names[i]!, shape }]
        )
        const node: NodeProto = { name, opType: op, input: names, output: [`${name}.y`], attribute: attributes(op) }
        cases.push({ op, over, inputs, output: { name: `${name}.y`, shape: size }, node })
      }
  const info = ({ name, shape }: ProbeInput) => valueInfo(name, { shape, dtype: "float32" })
  const graph: GraphProto = {
    name: "probe",
    node: cases.map(({ node }) => node),
    initializer,
    input: cases.flatMap(({ inputs }) => inputs.map(info)),
    output: cases.map(({ output }) => info(output))
  }
  return { graph, cases }
}
