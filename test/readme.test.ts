import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import sharp from "sharp"
import { reportOf } from "../lib/cli/report-failure.ts"
import type { CliTables } from "../lib/cli/tables.ts"
import { parameterLayout } from "../lib/model/layout.ts"
import { pairs } from "../lib/pipeline/pipeline.ts"
import type { StoredTensor } from "../lib/store/safetensors/stored-tensor.ts"
import { writeSafetensors } from "../lib/store/safetensors/write-safetensors.ts"
import { toHuggingFace, type Weights } from "../lib/weights/hugging-face.ts"
import { semmimOf } from "../pipelines/semmim.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { captured } from "./lib/cli/captured.ts"
import { tinyCli } from "./lib/cli/tiny-cli.ts"
import { pages, readmeBlocks, readmeCommands, root } from "./readme-blocks.ts"

/** Pipelines of the README's names that take seconds. */
const small = (name: string) =>
  semmimOf(name, {
    source: pairs("embedded:emoji-tiny", "embedded:emoji-tiny"),
    size: sizes.tiny,
    image: 32,
    patch: 8,
    length: 12,
    vocabulary: 512,
    contrastive: { queue: 64 },
    training: { batch: 32, steps: 2, learningRate: 1e-3 },
    retrieval: { pairs: 8 }
  })
const pipeline = small("semmim")
const tables: CliTables = {
  ...tinyCli,
  pipelines: { emoji: async () => small("emoji"), semmim: async () => pipeline }
}

/** Inside the checkout, where `semmim` in a file means the checkout itself. */
const folder = join(root, ".cache", `readme-${process.pid}`)
const before = process.cwd()

const scripts = JSON.parse(readFileSync(`${root}package.json`, "utf8")).scripts as { readonly [name: string]: string }

/** Made-up weights of a Hugging Face encoder that fits the small pipeline. */
const encoder = (prefix: string): Weights =>
  toHuggingFace(
    new Map(
      parameterLayout(pipeline)
        .slots.filter(({ name }) => name.startsWith(prefix) || (prefix === "bert." && name.startsWith("cls.")))
        .map(({ name, shape, size }) => [name, { shape, data: new Float32Array(size).fill(0.01) }])
    )
  )

const stored = (weights: Weights): ReadonlyMap<string, StoredTensor> =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { dtype: "F32", shape, data }]))

beforeAll(async () => {
  mkdirSync(join(folder, "my-images"), { recursive: true })
  process.chdir(folder)
  // What is said to be `small` is, here, as small as can be.
  for (const { file, content } of readmeBlocks())
    if (file && !file.includes("/")) writeFileSync(file, content.replace("sizes.small", "sizes.tiny"))
  const image = (background: string) => sharp({ create: { width: 40, height: 30, channels: 3, background } })
  await image("orange").jpeg().toFile("my-images/beach.jpg")
  await image("navy").png().toFile("my-images/street.png")
  writeFileSync("my-images/beach.txt", "a dog on a beach\n")
  writeFileSync("my-images/street.txt", "a street at night\nwet asphalt under lamps\n")
  mkdirSync("bert")
  writeFileSync("bert/config.json", JSON.stringify({ model_type: "bert", num_attention_heads: 2 }))
  writeFileSync("bert/vocab.txt", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ..."abcdefghijklmnopqrstuvwxyz"].join("\n"))
  const write = (file: string, prefix: string) => writeSafetensors(file, stored(encoder(prefix)))
  await Effect.runPromise(
    Effect.andThen(write("vit.safetensors", "vit."), write("bert/model.safetensors", "bert.")).pipe(
      Effect.provide(NodeServices.layer)
    )
  )
})

afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

/** The same command with fewer steps, pairs and threads. */
const quick = (argv: readonly string[]): readonly string[] => {
  const [command, ...rest] = argv.map((word, i) => (argv[i - 1] === "--steps" ? String(Number(word) / 600) : word))
  if (command === "run" && rest[0]!.endsWith(".ts")) return [command, ...rest, "--steps", "2", "--threads", "1"]
  if (command === "run") return [command, ...rest, "--threads", "1", "--workers", "0"]
  if (command === "explain" && rest.includes("--data")) return [command, ...rest, "--threads", "1", "--workers", "0"]
  if (command === "evaluate")
    return [command, ...rest.map((word) => (word === "100" ? "8" : word)), ...(rest.includes("--limit") ? [] : ["--limit", "8"])]
  return argv
}

const inProcess = async (argv: readonly string[]): Promise<string> => {
  const { text, exit } = await Effect.runPromise(captured(tables, ...argv).pipe(Effect.provide(NodeServices.layer)))
  assert(Exit.isSuccess(exit), Exit.isFailure(exit) ? reportOf(exit.cause, true).line : "")
  return text
}

const spawned = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" })
  assert.strictEqual(status, 0, stderr)
  return stdout
}

const semmim = (argv: readonly string[]): Promise<string> | string =>
  argv.some((word) => word.endsWith(".ts")) ? spawned(process.execPath, [`${root}lib/cli/launch.mjs`, ...argv]) : inProcess(argv)

/** Commands that need servers and processes of their own are run, at a smaller size, by the test of their own. */
const submitTest = readFileSync(`${root}test/lib/cli/submit.test.ts`, "utf8")
const runElsewhere = (line: string): string => {
  const [, , ...words] = line.split(" ")
  for (const word of words.filter((each, i) => i === 0 || each.startsWith("--"))) assert.include(submitTest, `"${word}"`)
  return "test/lib/cli/submit.test.ts runs it"
}

const run = (line: string): Promise<string> | string => {
  if (/^npx semmim (submit|status) /.test(line)) return runElsewhere(line)
  if (line.startsWith("npx semmim ")) return semmim(quick(line.split(" ").slice(2)))
  if (line === "npm start") {
    assert.strictEqual(scripts["start"], "node lib/cli/launch.mjs run emoji")
    return semmim(quick(["run", "emoji"]))
  }
  if (line === "npm test") return scripts["test"] === "vitest run" ? "these tests are that command" : ""
  return spawned("sh", ["-c", `${line} && echo done`])
}

const text = (page: string): string => readFileSync(`${root}${page}`, "utf8")

/** The anchors of a page's headings, as GitHub makes them. */
const headings = (page: string): readonly string[] =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-")
  )

describe("the README and the pages beside the code", () => {
  for (const { page, line } of readmeCommands())
    it(`show a command that works: ${line} (${page})`, { timeout: 120_000 }, async () => {
      assert.notStrictEqual((await run(line)).trim(), "")
    })

  it("show the method as it is in the code", () => {
    for (const { file, content } of readmeBlocks())
      if (file?.includes("/")) assert.include(readFileSync(`${root}${file}`, "utf8"), content)
  })

  it("show TypeScript that fits, a test of a stage that passes, and files of under 40 lines", { timeout: 120_000 }, () => {
    writeFileSync("tsconfig.json", JSON.stringify({ extends: "../../tsconfig.json", include: ["."] }))
    spawned(join(root, "node_modules/.bin/tsc"), ["-p", "."])
    spawned(process.execPath, ["--conditions=semmim-source", "--test", "columns.test.ts"])
    for (const { file, content } of readmeBlocks())
      if (file?.endsWith(".ts")) assert.isBelow(content.split("\n").length, 41, file)
  })

  it("link to files and headings that are there", () => {
    for (const page of pages)
      for (const [, path = "", heading] of text(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const linked = path === "" ? page : join(dirname(page), path)
        assert.isTrue(existsSync(`${root}${linked}`), `${page}: ${path}`)
        if (heading !== undefined) assert.include(headings(linked), heading, `${page}: ${path}`)
      }
  })

  it("is read in five minutes: the README has at most 200 lines", () => {
    assert.isAtMost(text("README.md").split("\n").length, 201)
  })
})
