import { Effect } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import { faultSentence, nameFaults, type Shapes } from "../store/safetensors/name-faults.ts"
import { fitPositions } from "./fit-positions.ts"
import { fromHuggingFace, type Weights } from "./hugging-face.ts"
import { readWeights } from "./read-weights.ts"

/** Description of an encoder's checkpoints from elsewhere. */
interface Encoder {
  /** Prefix of this project's names, which some checkpoints omit. */
  readonly prefix: string
  readonly bare: RegExp
  /** Parts of such checkpoints that no model here has: they are dropped and reported. */
  readonly extras: RegExp
  /** Parameters that such checkpoints may lack: they keep their initial values. */
  readonly optional: RegExp
  /** Parts that such checkpoints have entirely or not at all: an absent part keeps its initial values. */
  readonly parts: readonly EncoderPart[]
}

interface EncoderPart {
  readonly name: string
  /** All names of the encoder, including those that are dropped. */
  readonly all: RegExp
}

const vit: Encoder = {
  prefix: "vit.",
  bare: /^(embeddings|encoder|layernorm)\./,
  extras: /^(vit\.pooler|pooler|classifier)\./,
  optional: /\.mask_token$/,
  parts: []
}
const bert: Encoder = {
  prefix: "bert.",
  bare: /^(embeddings|encoder)\./,
  extras: /^(bert\.pooler|pooler|cls\.seq_relationship|cls\.predictions\.decoder|classifier)\.|\.position_ids$/,
  optional: /^$/,
  parts: [{ name: "masked-word head", all: /^cls\.predictions\./ }]
}

export interface ImportOptions {
  /** Imports what fits and keeps the initial values of the rest, instead of failing. */
  readonly allowFaults?: boolean
  /** BERT only: its layers from this one on start the text stream of the fusion, as in ALBEF. */
  readonly fusionFrom?: number
}

/** Parameters for `initialState`, and a report on the rest of the file. */
export interface Imported {
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Tensors of the file that have no counterpart by design: poolers, classifiers, tied copies. */
  readonly dropped: readonly string[]
  /** Position embeddings that were resized. */
  readonly resized: readonly string[]
  /** Parts absent from the file, with the number of their parameters, which keep their initial values. */
  readonly absent: readonly string[]
  /** Mismatches that were allowed, as one sentence, or undefined. */
  readonly faults: string | undefined
}

/** Translates a file's name for a tensor to this project's. */
const spelled = (name: string, encoder: Encoder, fusionFrom: number | undefined): string => {
  const full = encoder.bare.test(name) ? encoder.prefix + name : name
  const layer = /^bert\.encoder\.layer\.(\d+)\.(.*)$/.exec(full)
  if (!layer || fusionFrom === undefined || Number(layer[1]) < fusionFrom) return full
  return `fusion.text.layer.${Number(layer[1]) - fusionFrom}.${layer[2]}`
}

const notFinite = (data: Float32Array): number => data.findIndex((value) => !Number.isFinite(value))

/** Names the first tensor of a file, among those imported, that is not finite and so cannot be trained. */
const notFiniteSentence = (tensors: Weights, { extras }: Encoder): string => {
  const bad = [...tensors].filter(([name, { data }]) => !extras.test(name) && notFinite(data) >= 0)
  const [name, { data }] = bad[0]!
  const at = notFinite(data)
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more tensors have such numbers)` : ""
  return `${name} is ${data[at]} at ${at}${more}: no training can start from that; give weights that are finite`
}

/**
 * Fits a checkpoint's tensors to a model's parameters. Throws a `WeightsError` with every name that does not fit, unless allowed,
 * or with a tensor that is not finite.
 */
export const fitEncoder = (
  kind: "vit" | "bert",
  file: string,
  tensors: Weights,
  model: Shapes,
  { allowFaults = false, fusionFrom }: ImportOptions = {}
): Imported => {
  const encoder = { vit, bert }[kind]
  const dropped = [...tensors.keys()].filter((name) => encoder.extras.test(name))
  const kept = new Map(
    [...tensors].flatMap(([name, weight]) => (encoder.extras.test(name) ? [] : [[spelled(name, encoder, fusionFrom), weight]]))
  )
  const found = fromHuggingFace(kept)
  const mine = (name: string): boolean =>
    name.startsWith(encoder.prefix) ||
    (kind === "bert" && name.startsWith("cls.")) ||
    (fusionFrom !== undefined && name.startsWith("fusion.text.") && !name.includes(".crossattention."))
  const lacking = encoder.parts.filter(({ all }) => ![...tensors.keys()].some((name) => all.test(name)))
  const absent = lacking.flatMap(({ name, all }) => {
    const count = Object.keys(model).filter((each) => all.test(each)).length
    return count === 0 ? [] : [`${name} (${count})`]
  })
  const needed = (name: string): boolean => !encoder.optional.test(name) && !lacking.some(({ all }) => all.test(name))
  const wanted = Object.fromEntries(Object.entries(model).filter(([name]) => mine(name) && (found.has(name) || needed(name))))
  const fits = new Map(
    [...found].map(([name, weight]) => [name, wanted[name] ? (fitPositions(name, weight, wanted[name]) ?? weight) : weight])
  )
  const faults = nameFaults(wanted, Object.fromEntries([...fits].map(([name, { shape }]) => [name, shape])))
  const problem = faultSentence(faults)
  if (problem !== undefined && !allowFaults) throw new WeightsError({ file, reason: problem })
  const resized = [...fits].flatMap(([name, weight]) => (`${weight.shape}` === `${found.get(name)!.shape}` ? [] : [name]))
  const good = [...fits].filter(([name, { shape }]) => wanted[name] && `${wanted[name]}` === `${shape}`)
  if (good.some(([, { data }]) => notFinite(data) >= 0))
    throw new WeightsError({ file, reason: notFiniteSentence(tensors, encoder) })
  return { parameters: new Map(good.map(([name, { data }]) => [name, data])), dropped, resized, absent, faults: problem }
}

const importing = (kind: "vit" | "bert") =>
  Effect.fn(`weights.import.${kind}`)(function* (path: string, model: Shapes, options: ImportOptions = {}) {
    const tensors = yield* readWeights(path)
    return yield* Effect.try({
      try: () => fitEncoder(kind, path, tensors, model, options),
      catch: (error) => (error instanceof WeightsError ? error : new WeightsError({ file: path, reason: String(error) }))
    })
  })

/**
 * Reads a Hugging Face ViT (`model.safetensors`) for a model whose parameters have these shapes. Position embeddings of another
 * resolution are resized bicubically. Missing and unexpected names and wrong shapes are one `WeightsError`, unless `allowFaults`.
 */
export const importVit = importing("vit")

/**
 * Reads a Hugging Face BERT in the same way: its layers, embeddings (token type 0 folded into the positions) and
 * masked-language-modelling head.
 */
export const importBert = importing("bert")
