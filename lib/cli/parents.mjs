// Plain JS that any Node ≥ 20 runs: finds the npm processes above this one, so that their end can be detected.
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** Returns the parent and the command of a process; nothing where it is gone or the system does not report it. */
const processOf = (pid) => {
  try {
    if (process.platform === "linux") {
      const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
      return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }
    }
    const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" })
    const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(stdout)
    return { parent: Number(parent), command }
  } catch {
    return undefined
  }
}

const isNpm = ({ command }) => /^\S*?(npm|npx)\b|\/(npm|npx)-cli\.js\b/.test(command)
const isShell = ({ command }) => /^\S*sh -c /.test(command)

/**
 * Returns the processes from here up to npm, where `npx` or an npm script started this one: npm itself, or its shell and npm. npm
 * forwards signals to its shell only, which they end, while its own child keeps running.
 */
export const npmParents = () => {
  if (process.platform === "win32" || !process.env.npm_execpath) return []
  const above = processOf(process.ppid)
  if (above === undefined) return []
  if (isNpm(above)) return [process.ppid]
  const further = isShell(above) ? processOf(above.parent) : undefined
  return further !== undefined && isNpm(further) ? [process.ppid, above.parent] : []
}
