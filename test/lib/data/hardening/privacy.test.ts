import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Cause, Effect, Exit, FileSystem, Tracer } from "effect"
import { vi } from "vitest"
import { reportOf } from "../../../../lib/cli/report-failure.ts"
import { captured } from "../../cli/captured.ts"
import { animated, bomb, goodPairs, image } from "../../cli/odd-images.ts"
import { tinyCli } from "../../cli/tiny-cli.ts"
import { listOf, tinyRun } from "../../cli/tiny-run.ts"
import { hostileTars } from "./tars.ts"

const secret = "PRIVATE caption"

/** Every name, attribute and event of every span, as one text. */
const recording = () => {
  const spans: Tracer.Span[] = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const text = () =>
    spans
      .map(
        (span) => `${span.name} ${JSON.stringify([...span.attributes])} ${"events" in span ? JSON.stringify(span.events) : ""}`
      )
      .join("\n")
  return { tracer, text, count: () => spans.length }
}

/** Runs a command line; all that it said on standard error, all that it traced, and how it ended. */
const overheard = Effect.fnUntraced(function* (...argv: readonly string[]) {
  const said: string[] = []
  const { tracer, text, count } = recording()
  const { exit } = yield* Effect.acquireUseRelease(
    Effect.sync(() => vi.spyOn(process.stderr, "write").mockImplementation((part) => said.push(String(part)) > 0)),
    () => captured(tinyCli, ...argv).pipe(Effect.withTracer(tracer)),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
  const line = Exit.isSuccess(exit) ? "" : reportOf(exit.cause as Cause.Cause<unknown>, true).line
  return { said: `${said.join("")}${line}`, traced: text(), spans: count(), ok: Exit.isSuccess(exit) }
})

/** A data set whose every caption is private: good images, and one of each kind that cannot be used. */
const privateList = Effect.gen(function* () {
  const whole = yield* image(33)
  const good = yield* goodPairs(6)
  return yield* listOf([
    ...good.map(([name, bytes], i) => [name, bytes, `${secret} ${i} left of a house`] as const),
    ["absent.png", null, secret],
    ["animated.webp", yield* animated, secret],
    ["bomb.png", bomb(), `${secret} black`],
    ["cut.png", whole.subarray(0, whole.length >> 1), secret],
    ["drawing.png", '<svg xmlns="http://www.w3.org/2000/svg"/>', secret],
    ["nothing.png", "", secret]
  ])
})

const newFolder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** Every file under a folder, by its path there. */
const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

describe("what is said of samples", () => {
  it.live("while they are prepared, looked at and linted, names them by id and reason and never by caption", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      const list = yield* privateList
      const shards = join(folder, "shards")
      const commands = [
        [
          "prepare",
          "tiny",
          "--data",
          list,
          "--out",
          shards,
          "--workers",
          "0",
          "--shard-size",
          "5",
          "--cache",
          join(folder, "cache")
        ],
        ["inspect", list, "--no-samples", "--out", join(folder, "page")],
        ["inspect", list, "--lint", "--out", join(folder, "lint")],
        ["inspect", shards, "--lint"]
      ]
      for (const argv of commands) {
        const { said, traced, spans } = yield* overheard(...argv, "--log-level", "all")
        assert.notInclude(said, secret, argv.join(" "))
        assert.notInclude(traced, secret, argv.join(" "))
        assert.isAbove(spans, 0)
      }
      const quarantine = readFileSync(join(shards, "quarantine.jsonl"), "utf8")
      const lines = quarantine
        .trimEnd()
        .split("\n")
        .map((line): { readonly id: string; readonly reason: string } => JSON.parse(line))
      assert.deepStrictEqual(lines.map(({ id }) => id).sort(), [
        "absent.png",
        "animated.webp",
        "bomb.png",
        "cut.png",
        "drawing.png",
        "nothing.png"
      ])
      for (const name of filesUnder(shards).filter((each) => /stats\.json$|manifest\.json$|jsonl$/.test(each)))
        assert.notInclude(readFileSync(join(shards, name), "utf8"), secret, name)
      assert.notInclude(readFileSync(join(folder, "page/inspect.html"), "utf8"), secret)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live(
    "while they are trained on, names them by id and reason and never by caption",
    () =>
      Effect.gen(function* () {
        const list = yield* privateList
        const { said, folder, status, line } = yield* tinyRun(3, "--data", list)
        assert.strictEqual(status, 0, line)
        assert.include(said, "cut.png")
        assert.notInclude(said, secret)
        for (const name of ["metrics.jsonl", "pipeline.json"])
          assert.notInclude(readFileSync(join(folder, name), "utf8"), secret, name)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    240_000
  )
})

describe("what hostile data can write", () => {
  it.live("is inside the output folder and nowhere else", () =>
    Effect.gen(function* () {
      const world = yield* newFolder
      const tars = hostileTars(yield* image(99, "jpeg"))
      for (const name of [
        "links to files outside",
        "absolute names",
        "names that leave the folder",
        "an extended header with a path that leaves"
      ])
        writeFileSync(join(world, `${name.replaceAll(" ", "-")}.tar`), tars[name]!)
      writeFileSync(join(world, "a.jpg"), yield* image(1, "jpeg"))
      const names = ["a.jpg", "../a.jpg", "/tmp/semmim-evil.jpg", "a.jpg/../../evil.jpg"]
      writeFileSync(join(world, "list.json"), JSON.stringify(names.map((image) => ({ image, caption: "a dog" }))))
      const before = filesUnder(world)
      for (const source of before.filter((each) => each !== "a.jpg")) {
        const out = join(world, "out", source)
        const where = ["--data", join(world, source), "--out", out, "--workers", "0", "--cache", join(world, "out/cache")]
        const { ok, said } = yield* overheard("prepare", "tiny", ...where)
        assert.isTrue(ok, said)
        yield* overheard("inspect", join(world, source), "--out", out)
      }
      assert.deepStrictEqual(
        filesUnder(world).filter((each) => !each.startsWith("out/")),
        before
      )
      assert.isFalse(readdirSync("/tmp").some((each) => each.startsWith("semmim-evil")))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
