import type { Node, Program, ValueType } from "../compiler/program.ts"

/** Name of an image input in other tools. */
export const pixelValues = "pixel_values"

/**
 * Returns the program with an input `pixel_values` [batch, 3, side, side], which it cuts into patches, instead of `patches`
 * [batch, n, p·p·3]; unchanged where it has no such input, or n is not a square number.
 */
export const fedWithPixels = (program: Program): Program => {
  const input = program.inputs.find(({ name }) => name === "patches")
  if (!input) return program
  const [batch, count, pixels] = program.values[input.value]!.shape as [number, number, number]
  const grid = Math.round(Math.sqrt(count))
  const side = Math.round(Math.sqrt(pixels / 3))
  if (grid * grid !== count || side * side * 3 !== pixels) return program
  const values: ValueType[] = [...program.values]
  const add = (shape: readonly number[]): number => values.push({ shape, dtype: "float32" }) - 1
  const node = (op: string, from: number, to: number, attributes: Node["attributes"]): Node => ({
    op,
    inputs: [from],
    outputs: [to],
    attributes,
    stage: "patchify"
  })
  const image = add([batch, 3, grid * side, grid * side])
  const cut = add([batch, 3, grid, side, grid, side])
  const ordered = add([batch, grid, grid, side, side, 3])
  return {
    ...program,
    values,
    inputs: program.inputs.map((each) => (each === input ? { name: pixelValues, value: image, source: { feed: true } } : each)),
    nodes: [
      node("Reshape", image, cut, { shape: values[cut]!.shape }),
      node("Transpose", cut, ordered, { perm: [0, 2, 4, 3, 5, 1] }),
      node("Reshape", ordered, input.value, { shape: values[input.value]!.shape }),
      ...program.nodes
    ]
  }
}
