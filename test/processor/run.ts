// Runs the tests that depend on a processor's kernels under an emulated one: `npm run test:processor [-- --cpu Nehalem] [FILTER …]`.
// The models are qemu-user's (Debian: apt-get install qemu-user): Haswell has AVX2 and no AVX-512, Nehalem has neither. Slow: an hour or two.
import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({ options: { cpu: { type: "string", default: "Haswell" } }, allowPositionals: true })

const emulator = "qemu-x86_64"
const found = spawnSync(emulator, ["-cpu", values.cpu, process.execPath, "--version"], { encoding: "utf8" })
if (found.status !== 0) {
  const why = found.error
    ? `there is no ${emulator} here; on Debian: apt-get install qemu-user`
    : found.stderr.trim().split("\n").at(-1)
  process.stderr.write(`test:processor: ${why}\n`)
  process.exit(1)
}

const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/processor/vitest.config.ts", ...positionals]
const child = spawn(emulator, ["-cpu", values.cpu, process.execPath, ...vitest], { stdio: ["ignore", "inherit", "pipe"] })
// The emulator names each feature of the model that it leaves out, once for every process it starts.
createInterface({ input: child.stderr! }).on("line", (line) => {
  if (!line.includes("TCG doesn't support requested feature")) process.stderr.write(`${line}\n`)
})
child.on("exit", (code) => process.exit(code ?? 1))
