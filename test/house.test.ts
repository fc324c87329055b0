import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = join(import.meta.dirname, "..")

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

const sources = ["lib", "stages", "pipelines"].flatMap(filesUnder)

/** Folders of lib from the ground up: a folder imports only itself and what stands before it. */
const folders = [
  ...["error", "random", "machine", "aws", "tensor", "store", "queue"],
  ...["pipeline", "log", "nn", "compiler", "thread", "engine", "deploy"],
  ...["data", "model", "html", "prepare", "run-folder", "inspect", "weights"],
  ...["task", "train", "report", "export", "explain", "job", "worker", "cli"]
]

/** Terms that were replaced by the field's own, in code, settings, messages and prose (unambiguous ones). */
const replaced =
  /\bpictures?\b|Picture|undecayed|slotWeights|maskedSlots|gateScalar|semanticSpace|\bcrossing\b|\bgiveBack\b|\bsurroundings\b|\bstranger\b|\bverdict\b|\btroubles?\b|\bgoOn\b|\bbegun\b|\bfates?\b|way back|learnt by heart|vouches for/
/** Names of columns and members that other people's files have. */
const foreign = ["lib/data/sources/table-columns.ts", "lib/data/sources/caption-list.ts", "lib/data/sources/parquet-columns.ts"]
/** Docstrings that begin as an indirect question does. */
const indirect = /\/\*\*[\s*]*(What|Whether|How|Where|Who|Whose|Which)\b/g
const lines = (file: string): number => readFileSync(join(root, file), "utf8").split("\n").length - 1

/** The files that a file imports, relative to the root. */
const imports = (file: string): readonly string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(/^(?:import|export) [^"]*"(\.[^"]+)"/gm)].map((match) =>
    relative(root, join(root, file, "..", match[1]!))
  )

describe("the house", () => {
  it("has no source file over 300 lines, and a median under 100", () => {
    const sizes = sources.map((file) => ({ file, lines: lines(file) })).sort((a, b) => a.lines - b.lines)
    assert.deepStrictEqual(
      sizes.filter((size) => size.lines > 300),
      []
    )
    assert.isBelow(sizes[Math.floor(sizes.length / 2)]!.lines, 100)
  })

  it("has no test file over 300 lines", () => {
    const sizes = filesUnder("test").map((file) => ({ file, lines: lines(file) }))
    assert.isAbove(sizes.length, 0)
    assert.deepStrictEqual(
      sizes.filter((size) => size.lines > 300),
      []
    )
  })

  it("imports in one direction: lib ← stages ← pipelines", () => {
    const rank = (file: string): number => ["lib", "stages", "pipelines"].findIndex((folder) => file.startsWith(`${folder}/`))
    const wrong = sources.flatMap((file) => imports(file).flatMap((to) => (rank(to) > rank(file) ? [`${file} → ${to}`] : [])))
    assert.deepStrictEqual(wrong, [])
  })

  it("imports in one direction among lib's folders, from the ground up", () => {
    const folderOf = (file: string): string => file.split("/")[1]!
    const found = [...new Set(filesUnder("lib").map(folderOf))].filter((name) => !name.endsWith(".ts"))
    assert.sameMembers(found, folders)
    const up = filesUnder("lib").flatMap((file) =>
      imports(file).flatMap((to) =>
        to.startsWith("lib/") && !file.startsWith("lib/index") && folders.indexOf(folderOf(to)) > folders.indexOf(folderOf(file))
          ? [`${file} → ${to}`]
          : []
      )
    )
    assert.deepStrictEqual(up, [])
  })

  it("uses the field's terms", () => {
    const pages = ["README.md", ...readdirSync(join(root, "lib"), { recursive: true }).map((file) => `lib/${file}`)].filter(
      (file) => file.endsWith(".md")
    )
    const found = [...sources, ...pages].flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .flatMap((line, i) => (replaced.test(line) && !foreign.includes(file) ? [`${file}:${i + 1} ${line.trim()}`] : []))
    )
    assert.deepStrictEqual(found, [])
  })

  it("begins docstrings with a verb or a noun, none with a question word", () => {
    const found = sources.flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8")
      return [...text.matchAll(indirect)].map(
        ({ index, 1: word }) => `${file}:${text.slice(0, index).split("\n").length} ${word}`
      )
    })
    assert.deepStrictEqual(found, [])
  })

  it("has no cycle among its files", () => {
    const edges = new Map(sources.map((file) => [file, imports(file)]))
    const state = new Map<string, "open" | "done">()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" → "))
        return
      }
      state.set(file, "open")
      for (const to of edges.get(file) ?? []) visit(to, [...path, file])
      state.set(file, "done")
    }
    for (const file of sources) visit(file, [])
    assert.deepStrictEqual(cycles, [])
  })

  it("has the seven kinds of stage, each with an index, and no drawer for odds and ends", () => {
    const kinds = readdirSync(join(root, "stages")).sort()
    assert.deepStrictEqual(kinds, ["align", "encode", "fuse", "mask", "patchify", "reconstruct", "tokenize"])
    for (const kind of kinds) assert.include(sources, `stages/${kind}/index.ts`)
    assert.deepStrictEqual(
      sources.filter((file) => /(utils|common|helpers|misc)[./]/.test(file)),
      []
    )
  })
})
