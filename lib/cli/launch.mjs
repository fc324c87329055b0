#!/usr/bin/env node
// The `semmim` command. In a clone it runs the sources with the Node 24 that npm installed there; installed as a package, the built files.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { installMissing, root } from "./install.mjs"

const built = `${root}dist/pipelines/main.js`
const source = `${root}pipelines/main.ts`
const clone = existsSync(source)

if (clone) installMissing()
const own = `${root}node_modules/node/bin/node`
const node = clone && existsSync(own) ? own : process.execPath
const child = spawn(node, ["--disable-warning=ExperimentalWarning", clone ? source : built, ...process.argv.slice(2)], { stdio: "inherit" })
// The child stops by itself, with a checkpoint: this process only waits for it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
