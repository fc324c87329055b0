// Plain JS that any Node ≥ 20 runs: installs the pinned packages where they are missing or older than the lock file.
import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The folder of the clone or the installed package. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

const time = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Runs `npm ci` in a clone whose node_modules is missing or older than its lock file; exits with npm's status where it fails. */
export const installMissing = () => {
  const lock = time(`${root}package-lock.json`)
  if (lock === 0 || time(`${root}node_modules/.package-lock.json`) >= lock) return
  process.stderr.write("semmim: installing what is missing (npm ci)\n")
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  // onnxruntime-node's install script would download CUDA libraries that the CPU engine does not use.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" }
  const { status } = spawnSync(npm, ["ci", "--no-audit", "--no-fund"], { cwd: root, env, stdio: "inherit", shell: npm.endsWith(".cmd") })
  if (status !== 0) process.exit(status ?? 1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installMissing()
