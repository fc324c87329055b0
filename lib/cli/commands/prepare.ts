import { availableParallelism } from "node:os"
import { join } from "node:path"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { issueLines } from "../../data/read-issues.ts"
import { transformFault, transforms } from "../../data/turbo-jpeg.ts"
import { allowingUrls } from "../../data/url/policy.ts"
import { UsageError } from "../../error/usage-error.ts"
import { beginProgress } from "../../log/progress.ts"
import { toData } from "../../pipeline/pipeline.ts"
import { prepare as prepared } from "../../prepare/prepare.ts"
import { dedupeModes, type PrepareSettings, prepareDefaults, resizeModes, type Split } from "../../prepare/prepare-settings.ts"
import type { ShardSet } from "../../prepare/shard-set.ts"
import { allowUrlsFlag, cacheFlag, dataFlag, jsonFlag, pipelineArgument, setFlag, stagesFlag } from "../flags.ts"
import { pipelineOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const number = (name: string, metavar: string, description: string) =>
  Flag.Finite(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const flags = {
  pipeline: pipelineArgument,
  data: dataFlag,
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The folder of the shards; prepared/PIPELINE unless given"),
    Flag.optional
  ),
  workers: wholeFlag("workers", 0).pipe(
    Flag.withDescription("Threads that prepare shards; the shards are the same for any number"),
    // Decoding uses the process's four libuv threads (UV_THREADPOOL_SIZE), however many threads prepare.
    Flag.withDefault(Math.min(4, availableParallelism()))
  ),
  set: setFlag,
  stages: stagesFlag,
  resize: Flag.Literals("resize", resizeModes).pipe(
    Flag.withDescription("How images are stored: scaled, scaled and cropped to a square, or as their bytes are"),
    Flag.withDefault(prepareDefaults.resize)
  ),
  size: wholeFlag("size", 1).pipe(
    Flag.withDescription("The shorter side of a stored image, in pixels; smaller ones are not enlarged"),
    Flag.withDefault(prepareDefaults.size)
  ),
  quality: wholeFlag("quality", 1).pipe(
    Flag.filter(
      (value) => value <= 100,
      (value) => `a whole number from 1 to 100, got ${value}`
    ),
    Flag.withDescription("Of the stored JPEG, 1 to 100"),
    Flag.withDefault(prepareDefaults.quality)
  ),
  transform: Flag.Literals("transform", transforms).pipe(
    Flag.withDescription("JPEG's transforms: fast, or accurate by one or two of 255 in half as much time again"),
    Flag.withDefault(prepareDefaults.transform)
  ),
  shardSize: wholeFlag("shard-size", 1).pipe(
    Flag.withDescription("Source samples that a shard covers"),
    Flag.withDefault(prepareDefaults.shardSize)
  ),
  dedupe: Flag.Literals("dedupe", dedupeModes).pipe(
    Flag.withDescription("Leaves out images that are the same as an earlier one: by their bytes, or also by their looks"),
    Flag.withDefault(prepareDefaults.dedupe)
  ),
  split: Flag.String("split").pipe(
    Flag.withMetavar("NAME=FRACTION,…"),
    Flag.withDescription("Parts that go to folders of their own, DIR/NAME; they share no image, look-alike or group"),
    Flag.optional
  ),
  minSize: wholeFlag("min-size", 0).pipe(
    Flag.withDescription("Leaves out images whose shorter side has fewer pixels"),
    Flag.withDefault(0)
  ),
  maxArea: number("max-area", "PIXELS", "Leaves out images of more pixels"),
  maxAspect: number("max-aspect", "RATIO", "Leaves out images whose longer side is more than so many times the shorter"),
  language: Flag.String("language").pipe(
    Flag.withMetavar("CODE,…"),
    Flag.withDescription(
      "Keeps captions in these languages only (ISO 639-1, or a script as Latn where the language is not told)"
    ),
    Flag.optional
  ),
  update: Flag.Boolean("update").pipe(
    Flag.withDescription(
      "Brings the shards of a source that has grown or changed up to date: those with the same samples are kept"
    ),
    Flag.withDefault(false)
  ),
  allowUrls: allowUrlsFlag,
  cache: cacheFlag,
  json: jsonFlag
}

/**
 * Parses `val=0.05,test=0.05`; throws a `UsageError` for names that are not valid folder names, and for fractions out of range.
 */
export const parseSplits = (text: string): readonly Split[] => {
  const splits = text.split(",").map((part) => {
    const [, name, fraction] = /^([a-z][a-z0-9-]{0,31})=(0?\.[0-9]+|[0-9]+(?:\.[0-9]+)?)$/.exec(part.trim()) ?? []
    if (name === undefined || fraction === undefined)
      throw new UsageError({ problem: `--split: expected NAME=FRACTION, as val=0.05, got '${part.slice(0, 80)}'` })
    return { name, fraction: Number(fraction) }
  })
  const sum = splits.reduce((all, { fraction }) => all + fraction, 0)
  if (new Set(splits.map(({ name }) => name)).size < splits.length)
    throw new UsageError({ problem: "--split: a name stands twice" })
  if (splits.some(({ fraction }) => fraction <= 0) || sum >= 1)
    throw new UsageError({ problem: `--split: expected fractions above 0 that add up to less than 1, got ${sum}` })
  return splits
}

const listed = (text: string): readonly string[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "")

/** Formats one line about a folder's shards. */
export const setLine = (folder: string, { counts, shards }: ShardSet): string => {
  const reasons = Object.entries(counts.reasons).map(([kind, count]) => `${count} × ${kind}`)
  const out = reasons.length === 0 ? "" : `; left out: ${reasons.join(", ")}`
  return `${folder}: ${counts.samples} of ${counts.read} samples in ${shards.count} shards, ${shards.bytes} bytes${out}`
}

/** `semmim prepare PIPELINE`: writes a source as shards, which are portable and fast to train on. */
export const prepare = (common: CliTables) =>
  Command.make(
    "prepare",
    flags,
    Effect.fn("cli.prepare")(function* (given) {
      const { pipeline, tables, files } = yield* pipelineOf(given, common)
      const fault = given.resize === "none" ? undefined : transformFault(given.transform)
      if (fault !== undefined) return yield* new UsageError({ problem: `--transform: ${fault}` })
      const splits = yield* Effect.try({
        try: () => Option.match(given.split, { onNone: () => [], onSome: parseSplits }),
        catch: (cause) => (cause instanceof UsageError ? cause : new UsageError({ problem: String(cause) }))
      })
      const settings: PrepareSettings = {
        ...prepareDefaults,
        resize: given.resize,
        size: given.size,
        quality: given.quality,
        transform: given.transform,
        shardSize: given.shardSize,
        dedupe: given.dedupe,
        splits,
        filters: {
          minSize: given.minSize,
          maxArea: Option.getOrNull(given.maxArea),
          maxAspect: Option.getOrNull(given.maxAspect),
          languages: Option.match(given.language, { onNone: () => [], onSome: listed })
        }
      }
      const folder = Option.getOrElse(given.out, () => join("prepared", pipeline.name))
      const progress = yield* beginProgress()
      const result = yield* prepared({
        job: {
          kind: "prepare",
          pipeline: toData(pipeline),
          cache: given.cache,
          stageFiles: files,
          folder,
          settings,
          allowUrls: given.allowUrls
        },
        tables,
        workerUrl: tables.workerUrl,
        workers: given.workers,
        update: given.update,
        progress
      }).pipe(allowingUrls(given.allowUrls))
      if (given.json) return yield* Console.log(JSON.stringify(result))
      const lines = Object.entries(result.splits).map(([name, set]) => setLine(join(folder, name), set))
      const kept = result.kept > 0 ? [`${result.kept} shards were finished already`] : []
      const issues = issueLines(pipeline.source.train, result.issues, 10)
      yield* Console.log([setLine(folder, result.set), ...lines, ...kept, ...issues].join("\n"))
    }, Effect.scoped)
  ).pipe(
    Command.withDescription(
      "Writes a source as shards: images at the chosen size, captions, token ids, and what was left out and why"
    )
  )
