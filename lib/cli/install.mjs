// Plain JS that any Node ≥ 20 runs: installs the pinned packages where they are missing or older than the lock file.
import { spawnSync } from "node:child_process"
import { existsSync, statSync, utimesSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** Folder of the clone or of the installed package. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

const time = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Prints one line and ends the process. */
export const refuse = (line) => {
  process.stderr.write(`semmim: ${line}\n`)
  process.exit(1)
}

/**
 * Installs the packages that the lock file pins into a clone whose node_modules is missing or older than it; exits with npm's
 * status where npm fails. `npm ci` is not used: it refuses a lock file that lacks other platforms' optional packages, which the
 * registry of its writer did not have.
 */
export const installMissing = () => {
  if (Number(process.versions.node.split(".")[0]) < 20)
    refuse(`Node ${process.versions.node} is too old; a clone needs Node 20 or later (it installs a Node 24 of its own)`)
  const installed = `${root}node_modules/.package-lock.json`
  const lock = time(`${root}package-lock.json`)
  if (lock === 0 || time(installed) >= lock) return
  process.stderr.write("semmim: installing what is missing (npm install)\n")
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  // onnxruntime-node's install script would download CUDA libraries that the CPU engine does not use.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" }
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
  const { status } = spawnSync(npm, args, { cwd: root, env, stdio: ["inherit", 2, "inherit"], shell: npm.endsWith(".cmd") })
  if (status !== 0) process.exit(status ?? 1)
  // npm does not touch the file where nothing was missing: without this, the check would fail on every start.
  if (existsSync(installed)) utimesSync(installed, new Date(), new Date())
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installMissing()
