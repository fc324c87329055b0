#!/usr/bin/env node
// The `semmim` command. In a clone it runs the sources with the Node 24 that npm installed there; installed as a package, the built files.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { installMissing, refuse, root } from "./install.mjs"

const built = `${root}dist/pipelines/main.js`
const source = `${root}pipelines/main.ts`
const clone = existsSync(source)

if (clone) installMissing()
const own = `${root}node_modules/node/bin/node`
const hasOwn = clone && existsSync(own)

// Effect's platform needs 22.19, and a user's .ts file a Node that strips types, which 23 did only later.
const [major, minor] = process.versions.node.split(".").map(Number)
if (!hasOwn && major < 24 && !(major === 22 && minor >= 19))
  refuse(`Node ${process.versions.node} is too old; Node 22.19 or later of 22, or 24 or later is needed`)

// In a clone, "semmim" in a user's file means the sources too.
const options = ["--disable-warning=ExperimentalWarning", ...(clone ? ["--conditions=semmim-source"] : [])]
const child = spawn(hasOwn ? own : process.execPath, [...options, clone ? source : built, ...process.argv.slice(2)], { stdio: "inherit" })
// The child stops by itself, with a checkpoint: this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
