import { spawn } from "node:child_process"
import { mkdirSync, watch } from "node:fs"
import { integers } from "../../../lib/random/integers.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { mainFile } from "../cli/tiny-cli.ts"

/** Runs `semmim prepare` in a process of its own; killed once its folder has changed `changes` times, where that is given. */
export const prepareProcess = (
  argv: readonly string[],
  out: string,
  changes = Number.POSITIVE_INFINITY
): Promise<{ readonly killed: boolean; readonly status: number | null; readonly err: string; readonly seen: number }> => {
  mkdirSync(out, { recursive: true })
  return new Promise((resolve) => {
    const given = ["--disable-warning=ExperimentalWarning", mainFile, "prepare", ...argv, "--out", out]
    const child = spawn(process.execPath, given, { stdio: ["ignore", "ignore", "pipe"] })
    let err = ""
    child.stderr.on("data", (chunk) => {
      err += chunk
    })
    let seen = 0
    const watcher = watch(out, { recursive: true }, () => {
      seen++
      if (seen === changes) child.kill("SIGKILL")
    })
    child.on("close", (status, signal) => {
      watcher.close()
      resolve({ killed: signal === "SIGKILL", status, err, seen })
    })
  })
}

/** After how many changes the n-th process is killed: drawn below a number. */
export const moment = (seed: number, n: number, below: number): number =>
  1 + integers(derive(key(seed), "kill", n), 1, 0, below)[0]!
