import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { NodeServices } from "@effect/platform-node"
import { Effect, Exit, FileSystem, type Scope } from "effect"
import { vi } from "vitest"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"

/** What tests of the command line are made of. */
export type Body = Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>

/** A folder that goes with the scope. */
export const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** Runs a pipeline for some steps in a new folder; how it ended, as the process would say it. */
export const shortRun = Effect.fnUntraced(function* (cli: CliTables, name: string, steps: number, more: readonly string[]) {
  const inside = yield* newFolder
  const folder = join(inside, "run")
  const places = [
    ["--out", folder],
    ["--cache", join(inside, "cache")]
  ].flatMap((flag) => (more.includes(flag[0]!) ? [] : flag))
  const said: string[] = []
  const { exit } = yield* Effect.acquireUseRelease(
    Effect.sync(() => vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0)),
    () => captured(cli, ...quickRun(steps, [...places, ...more], name)),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
  return { folder, said: said.join(""), ...(Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }) }
})

/** Runs `tiny` for some steps in a new folder. */
export const tinyRun = (steps: number, ...more: readonly string[]) => shortRun(tinyCli, "tiny", steps, more)

/** An image of a data set: its file's name, its bytes or none for a file that is not there, and its caption. */
export type Pair = readonly [name: string, bytes: Buffer | string | null, caption: string]

/** Writes a list of images and captions and its files. */
export const listOf = Effect.fnUntraced(function* (entries: readonly Pair[]) {
  const data = join(yield* newFolder, "data")
  mkdirSync(data)
  for (const [name, bytes] of entries) if (bytes !== null) writeFileSync(join(data, name), bytes)
  const list = join(data, "list.json")
  writeFileSync(list, JSON.stringify(entries.map(([image, , caption]) => ({ image, caption }))))
  return list
})
