// What XLA makes of the SemMIM training step for a GPU (an H200), counted on a machine without one: kernels, the bytes that they move,
// products, temporary memory. Counts say nothing of time; they show what a change of the compiler is worth before a GPU is at hand.
// `node test/bench/gpu-kernels.ts [--size base --batch 64 --engines tensorflow-bf16,tensorflow-autocast --recompute]`
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { parseArgs } from "node:util"

const here = import.meta.dirname
const { values } = parseArgs({
  options: {
    size: { type: "string", default: "base" },
    batch: { type: "string", default: "64" },
    engines: { type: "string", default: "tensorflow-bf16,tensorflow-autocast" },
    recompute: { type: "boolean", default: false }
  }
})

/** The largest program in a folder of XLA's dumps as it is before XLA's passes, once it is written whole. */
const dumped = async (folder: string): Promise<string> => {
  let before = 0
  for (;;) {
    await setTimeout(2000)
    const files = readdirSync(folder).filter((file) => file.endsWith(".before_optimizations.hlo.pb"))
    const [file] = files.sort((a, b) => statSync(join(folder, b)).size - statSync(join(folder, a)).size)
    const size = file === undefined ? 0 : statSync(join(folder, file)).size
    if (size > 500_000 && size === before) return join(folder, file!)
    before = size
  }
}

/** Starts a step, and ends it when XLA has got the program: what XLA makes of it for this machine is not waited for. */
const programOf = async (engine: string, folder: string): Promise<string> => {
  const script = [join(here, "train-step.ts"), "--size", values.size, "--batch", values.batch, "--engine", engine]
  if (values.recompute) script.push("--recompute")
  const env = {
    ...process.env,
    SEMMIM_XLA_CACHE: join(folder, "cache"),
    XLA_FLAGS: `--xla_dump_to=${folder} --xla_dump_hlo_as_proto`
  }
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...script], {
    env,
    stdio: ["pipe", "ignore", "inherit"]
  })
  const ended = new Promise<never>((_, fail) => child.once("exit", (code) => fail(new Error(`the step ended (${code})`))))
  child.stdin!.write("step\n")
  try {
    return await Promise.race([dumped(folder), ended])
  } finally {
    ended.catch(() => undefined)
    child.kill("SIGKILL")
  }
}

if (spawnSync("sh", [join(here, "gpu-kernels/setup.sh")], { stdio: "inherit" }).status !== 0) process.exit(1)
for (const engine of values.engines.split(",")) {
  const folder = mkdtempSync(join(tmpdir(), "semmim-gpu-kernels-"))
  try {
    const program = await programOf(engine, folder)
    const python = join(here, "gpu-kernels/.venv/bin/python")
    const { stdout, stderr, status } = spawnSync(python, [join(here, "gpu-kernels/compile.py"), program], { encoding: "utf8" })
    if (status !== 0) throw new Error(stderr)
    console.log(`${values.size}, batch ${values.batch}, ${engine}: ${stdout.trim()}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
