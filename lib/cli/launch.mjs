#!/usr/bin/env node
// The `semmim` command. In a clone it runs the sources with the Node 24 that npm installed there; in an installed package, the built
// files.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { installMissing, refuse, root } from "./install.mjs"
import { npmParents } from "./parents.mjs"

const built = `${root}dist/pipelines/main.js`
const source = `${root}pipelines/main.ts`
const clone = existsSync(source)

if (clone) installMissing()
const own = `${root}node_modules/node/bin/node`
const hasOwn = clone && existsSync(own)

// Effect's platform needs 22.19, and a user's .ts file a Node that strips types, which 23 supports only from a later minor
// version.
const [major, minor] = process.versions.node.split(".").map(Number)
if (!hasOwn && major < 24 && !(major === 22 && minor >= 19))
  refuse(`Node ${process.versions.node} is too old; Node 22.19 or later of 22, or 24 or later is needed`)

// In a clone, `semmim` imported in a user's file resolves to the sources too.
const options = ["--disable-warning=ExperimentalWarning", ...(clone ? ["--conditions=semmim-source"] : [])]
const node = hasOwn ? own : process.execPath
const args = [...options, clone ? source : built, ...process.argv.slice(2)]
const parents = npmParents()

// From Node 22.15 on, this process is replaced by the other, so that signals need not be forwarded.
if (process.execve && process.platform !== "win32") {
  process.emitWarning = () => {} // the warning that execve is experimental
  process.execve(node, [node, ...args], { ...process.env, SEMMIM_PARENTS: String(parents) })
}
const env = { ...process.env, SEMMIM_PARENTS: String([process.pid, ...parents]) }
const child = spawn(node, args, { stdio: "inherit", env })
// The child stops cleanly with a checkpoint, also when this process has ended: this one only waits for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
