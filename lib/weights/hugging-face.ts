/** Elements and shape of a parameter. */
export interface Weight {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
export type Weights = ReadonlyMap<string, Weight>

const patchWeight = "patch_embeddings.projection.weight"
const keyWeight = /\.key\.weight$/
const keyBias = /\.key\.bias$/
const tokenTypes = "bert.embeddings.token_type_embeddings.weight"
const textPositions = "bert.embeddings.position_embeddings.weight"

/** Permutes the elements of each row from [side, side, 3] to [3, side, side] (`toConvolution`), or the reverse. */
const permuted = ({ shape, data }: Weight, toConvolution: boolean): Weight => {
  const rows = shape[0]!
  const pixels = data.length / rows
  const side = Math.sqrt(pixels / 3)
  const out = new Float32Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        for (let channel = 0; channel < 3; channel++) {
          const last = row * pixels + (y * side + x) * 3 + channel
          const first = row * pixels + (channel * side + y) * side + x
          if (toConvolution) out[first] = data[last]!
          else out[last] = data[first]!
        }
  return { shape: toConvolution ? [rows, 3, side, side] : [rows, pixels], data: out }
}

const zeros = (shape: readonly number[]): Weight => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) })

/**
 * Converts a model's parameters to those of Hugging Face's ViT and BERT: the patch projection as a convolution [D, 3, p, p], and
 * zeros for parameters that this project's models omit (biases of keys, to which softmax is invariant; embeddings of token
 * types).
 */
export const toHuggingFace = (weights: Weights): Weights => {
  const out = new Map<string, Weight>()
  for (const [name, weight] of weights) {
    out.set(name, name.endsWith(patchWeight) ? permuted(weight, true) : weight)
    if (keyWeight.test(name)) out.set(name.replace(keyWeight, ".key.bias"), zeros([weight.shape[0]!]))
    if (name === textPositions) out.set(tokenTypes, zeros([2, weight.shape[1]!]))
  }
  return out
}

/** Renames `gamma` and `beta`, the names of a layer norm's weight and bias in the first BERT checkpoints. */
const modern = (name: string): string =>
  name.replace(/LayerNorm\.gamma$/, "LayerNorm.weight").replace(/LayerNorm\.beta$/, "LayerNorm.bias")

/** Adds the embedding of token type 0, which every token of a single text has, to each position. */
const folded = (positions: Weight, types: Weight): Weight => {
  const width = positions.shape[1]!
  return { shape: positions.shape, data: positions.data.map((x, i) => x + types.data[i % width]!) }
}

/**
 * Inverts `toHuggingFace`, also for checkpoints from elsewhere: a convolution becomes a matrix over (row, column, channel),
 * biases of keys are dropped (softmax is invariant to them), and the first token type is folded into the positions.
 */
export const fromHuggingFace = (weights: Weights): Weights => {
  const out = new Map<string, Weight>()
  for (const [old, weight] of weights) {
    const name = modern(old)
    if (keyBias.test(name) || name === tokenTypes) continue
    out.set(name, name.endsWith(patchWeight) && weight.shape.length === 4 ? permuted(weight, false) : weight)
  }
  const [types, positions] = [weights.get(tokenTypes), out.get(textPositions)]
  if (types && positions) out.set(textPositions, folded(positions, types))
  return out
}
