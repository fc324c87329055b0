import { crossLayer, crossLayerSpecs, crossMaps, layerName } from "./co-attention.ts"
import type { FusionKind, FusionLayers } from "./fusion-kind.ts"

const names = ({ name, layers }: FusionLayers): readonly string[] =>
  Array.from({ length: layers }, (_, i) => layerName(name, "text", i))

/**
 * Text stream alone (ALBEF, Li et al. 2021): every layer attends to the image encoder's last hidden states, which no layer
 * changes.
 */
export const textStream: FusionKind = {
  image: false,
  parameters: (fusion) => Object.assign({}, ...names(fusion).map((name) => crossLayerSpecs(name, fusion))),
  fuse: (parameters, fusion, pair) => {
    const all = names(fusion)
    const layer = (text: typeof pair.text, name: string) =>
      crossLayer(parameters, name, fusion.heads, { x: text, bias: pair.bias }, { x: pair.image })
    const before = all.slice(0, -1).reduce(layer, pair.text)
    const last = all.at(-1)!
    return {
      text: () => layer(before, last),
      maps: () => crossMaps(parameters, last, fusion.heads, { ...pair, text: before })
    }
  }
}
