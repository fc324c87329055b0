import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { openAnyKind } from "../../data/host/open-any-kind.ts"
import { sayIssues } from "../../data/say-issues.ts"
import { writeAtomically } from "../../store/atomic.ts"
import type { StoredTensor } from "../../store/safetensors/stored-tensor.ts"
import { writeSafetensors } from "../../store/safetensors/write-safetensors.ts"
import { type Embeddings, embedSource } from "../../task/embed.ts"
import { type Rows, rowCount } from "../../task/nearest.ts"
import { skippedText } from "../../task/skipped-text.ts"
import { cacheFlag } from "../flags.ts"
import { modelFlag, modelFlags } from "../model-flags.ts"
import { modelOf, openedModel } from "../model-of.ts"
import { tablesOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"

const flags = {
  source: Argument.String("source").pipe(
    Argument.withDescription(
      "Pairs, or images or texts alone: embedded:NAME, a .json list, a folder of images with or without .txt files beside"
    )
  ),
  model: modelFlag,
  out: Flag.String("out").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where to write the embeddings (.safetensors); FILE.json says whose each row is")
  ),
  ...modelFlags,
  cache: cacheFlag
}

const tensor = (rows: Rows): StoredTensor => ({ dtype: "F32", shape: [rowCount(rows), rows.width], data: rows.data })

/** Writes `image` and `text` [n, embedding] as safetensors, and a JSON file of ids, groups and texts, row by row. */
export const writeEmbeddings = Effect.fn("cli.writeEmbeddings")(function* (file: string, { items, images, texts }: Embeddings) {
  const sides: readonly (readonly [string, Rows])[] = [
    ["image", images],
    ["text", texts]
  ]
  // A source of images alone has no texts.
  const tensors = new Map(sides.flatMap(([name, rows]) => (rowCount(rows) > 0 ? [[name, tensor(rows)] as const] : [])))
  yield* writeSafetensors(file, tensors)
  const rows = {
    image: items.images.map(({ id, group }) => ({ id, group })),
    text: items.texts.map(({ id, group, text }) => ({ id, group, text })),
    skipped: items.skipped
  }
  yield* writeAtomically(`${file}.json`, `${JSON.stringify(rows)}\n`)
})

/** `semmim embed --model DIR SOURCE --out FILE`: unit embeddings of images and texts. */
export const embed = (common: CliTables) =>
  Command.make(
    "embed",
    flags,
    Effect.fn("cli.embed")(function* (given) {
      const tables = yield* tablesOf(given.stages, common)
      const { weights: who, batch, out } = given
      const model = yield* modelOf(given.model, who, given.step, tables)
      const source = yield* openAnyKind(tables.openSource, given.source)
      yield* sayIssues(source)
      const embeddings = yield* Effect.scoped(
        Effect.gen(function* () {
          const opened = yield* openedModel(model, given, tables)
          return yield* embedSource({ ...opened, source, who, batch })
        })
      )
      yield* writeEmbeddings(out, embeddings)
      const { images, texts, skipped } = embeddings.items
      const bad = skipped.length > 0 ? `; ${skippedText(skipped)}` : ""
      yield* Console.log(`${out}: ${images.length} images and ${texts.length} texts, ${embeddings.images.width} wide${bad}`)
    })
  ).pipe(Command.withDescription("Writes embeddings of images and texts"))
