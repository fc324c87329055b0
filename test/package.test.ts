import { spawnSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { readmeFile, root } from "./readme-blocks.ts"

const folder = mkdtempSync(join(tmpdir(), "semmim-package-"))
const app = join(folder, "app")
const installed = join(app, "node_modules", "semmim")
const bin = join(app, "node_modules", ".bin", "semmim")

const spawned = (cwd: string, command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { cwd, encoding: "utf8", shell: false })

const link = (target: string, path: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}

let tarball = ""

// As npm would install it, but for the dependencies, which are the checkout's, and only those that package.json names.
beforeAll(() => {
  mkdirSync(installed, { recursive: true })
  const packed = spawned(root, "npm", "pack", "--pack-destination", folder)
  assert.strictEqual(packed.status, 0, packed.stdout + packed.stderr)
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!)
  assert.strictEqual(spawned(folder, "tar", "xzf", tarball, "-C", installed, "--strip-components=1").status, 0)
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
  for (const name of Object.keys(dependencies)) link(join(root, "node_modules", name), join(app, "node_modules", name))
  link(join(installed, "lib/cli/launch.mjs"), bin)
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }))
  for (const file of ["mine.ts", "columns.ts"]) writeFileSync(join(app, file), readmeFile(file))
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = (): readonly string[] => readdirSync(installed, { recursive: true }).map(String)

describe("the package", () => {
  it("holds built files with their types, and neither sources nor tests", () => {
    const odd = files().filter((file) => /(^|\/)test\//.test(file) || (file.endsWith(".ts") && !file.endsWith(".d.ts")))
    assert.deepStrictEqual(odd, [])
    for (const file of [
      "README.md",
      "LICENSE",
      "dist/lib/index.d.ts",
      "dist/pipelines/worker.js",
      "dist/lib/engine/onnx/worker.js"
    ])
      assert.isTrue(existsSync(join(installed, file)), file)
    assert.isBelow(statSync(tarball).size, 2 ** 20)
  })

  it("runs a user's pipeline with a stage of its own, whose batches a worker makes", { timeout: 120_000 }, () => {
    const run = ["run", "./mine.ts", "--steps", "3", "--threads", "1", "--workers", "1"]
    const { status, stdout, stderr } = spawned(app, process.execPath, bin, ...run)
    assert.strictEqual(status, 0, stderr)
    assert.include(stdout, "report: runs/mine/report.html")
    assert.isTrue(existsSync(join(app, "runs/mine/checkpoints/step-3/manifest.json")))
  })

  it("has types that refuse a pipeline whose stages do not fit, in a sentence", { timeout: 120_000 }, () => {
    const options = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      types: []
    }
    writeFileSync(
      join(app, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: true }, include: ["*.ts"] })
    )
    const tsc = join(root, "node_modules/.bin/tsc")
    const fits = spawned(app, tsc, "-p", ".")
    assert.strictEqual(fits.status, 0, fits.stdout)
    writeFileSync(
      join(app, "wrong.ts"),
      `import { pairs, pipeline } from "semmim"
import { mask, tokens } from "semmim/stages/mask"
export const wrong = pipeline("wrong", pairs("x")).pipe(mask({ text: tokens({ ratio: 0.1, vocabulary: 9 }) }))
`
    )
    const { stdout } = spawned(app, tsc, "-p", ".")
    assert.include(stdout, "mask reads 'tokens' (int32[batch, tokens]), which no stage before it adds")
  })

  it("says in one line that a Node is too old", () => {
    const old = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})`
    const { status, stderr } = spawned(app, process.execPath, "--import", old, bin, "list")
    assert.strictEqual(stderr, "semmim: Node 20.1.0 is too old; Node 22.19 or later of 22, or 24 or later is needed\n")
    assert.strictEqual(status, 1)
  })
})
