import { Effect, Option } from "effect"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { parameterLayout } from "../train/layout.ts"
import { fitEncoder, type Imported, readWeights } from "../weights/import-encoder.ts"
import type { Shapes } from "../weights/name-faults.ts"
import { WeightsError } from "../weights/weights-error.ts"

/** The weights that a run was told to start from. */
export interface StartFlags {
  readonly imageWeights: Option.Option<string>
  readonly textWeights: Option.Option<string>
  readonly allowFaults: boolean
}

const layersIn = (names: Iterable<string>): number =>
  Math.max(
    0,
    ...[...names].flatMap((name) => /^(?:bert\.)?encoder\.layer\.(\d+)\./.exec(name)?.[1] ?? []).map((n) => Number(n) + 1)
  )

const describe = ({ parameters, dropped, resized, faults }: Imported): string =>
  [
    `${parameters.size} parameters start from it`,
    ...(resized.length > 0 ? [`made to fit: ${resized.join(", ")}`] : []),
    ...(dropped.length > 0 ? [`not used: ${dropped.join(", ")}`] : []),
    ...(faults === undefined ? [] : [`does not fit: ${faults}`])
  ].join("; ")

const read = Effect.fnUntraced(function* (kind: "vit" | "bert", file: string, model: Shapes, allowFaults: boolean) {
  const tensors = yield* readWeights(file)
  const own = layersIn(Object.keys(model).filter((name) => name.startsWith("bert.")))
  // As in ALBEF, the layers that the text encoder has no room for start the text stream of the fusion.
  const fusionFrom = kind === "bert" && layersIn(tensors.keys()) > own ? { fusionFrom: own } : {}
  const found = yield* Effect.try({
    try: () => fitEncoder(kind, file, tensors, model, { allowFaults, ...fusionFrom }),
    catch: (cause) => (cause instanceof WeightsError ? cause : new WeightsError({ file, reason: String(cause) }))
  })
  const log = found.faults === undefined ? Effect.logInfo : Effect.logWarning
  yield* log(`${file}: ${describe(found)}`)
  return found.parameters
})

/**
 * The parameters that a run starts from, by name: a ViT's and a BERT's of Hugging Face, each a safetensors file; the rest start at
 * random. What does not fit is a `WeightsError` with every name, or with `allowFaults` a warning.
 */
export const startWeights = Effect.fn("cli.startWeights")(function* (flags: StartFlags, pipeline: Pipeline) {
  const model: Shapes = Object.fromEntries(parameterLayout(pipeline).slots.map(({ name, shape }) => [name, shape]))
  const all = new Map<string, Float32Array>()
  for (const [kind, file] of [
    ["vit", flags.imageWeights],
    ["bert", flags.textWeights]
  ] as const)
    if (Option.isSome(file))
      for (const [name, numbers] of yield* read(kind, file.value, model, flags.allowFaults)) all.set(name, numbers)
  return all
})
