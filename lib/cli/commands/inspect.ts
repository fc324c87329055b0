import { join } from "node:path"
import { Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { openAnyKind } from "../../data/host/open-any-kind.ts"
import { allowingUrls } from "../../data/url/policy.ts"
import { inspectSource } from "../../inspect/inspect-source.ts"
import { inspectionPage } from "../../inspect/page/page.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { allowUrlsFlag, jsonFlag } from "../flags.ts"
import { inspectionText } from "../inspection-text.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

/** Faults found by `--lint`, which are printed before this error. */
export class LintError extends Schema.TaggedError<LintError>()("LintError", { source: Schema.String, faults: Schema.Int }) {
  override get message(): string {
    return `${this.source}: ${this.faults} ${this.faults === 1 ? "fault" : "faults"}`
  }
}

const flags = {
  source: Argument.String("source").pipe(Argument.withDescription("Data as --data names it, or the folder of a shard set")),
  out: Flag.String("out").pipe(Flag.withMetavar("DIR"), Flag.withDescription("Where to write inspect.html"), Flag.optional),
  noSamples: Flag.Boolean("no-samples").pipe(Flag.withDescription("Shows no images and no captions"), Flag.withDefault(false)),
  lint: Flag.Boolean("lint").pipe(
    Flag.withDescription("Reads everything, every pixel too, and verifies digests; ends with status 1 where something is wrong"),
    Flag.withDefault(false)
  ),
  limit: wholeFlag("limit", 1).pipe(
    Flag.withDescription("The most samples that are looked at, drawn at random; all with --lint"),
    Flag.withDefault(20_000)
  ),
  allowUrls: allowUrlsFlag,
  json: jsonFlag
}

/** `semmim inspect SOURCE`: describes the contents of a source or a shard set; with `--lint` its faults. */
export const inspect = (tables: CliTables) =>
  Command.make(
    "inspect",
    flags,
    Effect.fn("cli.inspect")(function* ({ source: name, out, noSamples, lint, limit, allowUrls, json }) {
      const source = yield* openAnyKind(tables.openSource, name)
      const inspection = yield* inspectSource(source, { limit, lint, samples: !noSamples }).pipe(allowingUrls(allowUrls))
      if (Option.isSome(out)) yield* writeAtomically(join(out.value, "inspect.html"), inspectionPage(inspection))
      yield* Console.log(json ? JSON.stringify(inspection) : inspectionText(inspection))
      const faults = inspection.faults?.length ?? 0
      if (faults > 0) return yield* new LintError({ source: name, faults })
    })
  ).pipe(Command.withDescription("Shows what is in a source or a shard set, and what is wrong with it"))
