import { isThere } from "../store/process-identity.ts"

/**
 * Environment variable in which the launcher lists the processes whose end stops the command: its parent first, then its
 * ancestors.
 */
const variable = "SEMMIM_PARENTS"

const lookMillis = 250

/**
 * Calls `gone` once when one of the ancestor processes has ended and so cannot forward signals any more: npm's shell on SIGTERM,
 * any process on SIGKILL. No effect where the variable is empty, or the parent had ended before.
 */
export const watchParents = (gone: () => void): void => {
  const [parent, ...above] = (process.env[variable] ?? "").split(",").map(Number)
  // Not inherited by processes that this one starts.
  delete process.env[variable]
  if (!parent || process.ppid !== parent) return
  const look = setInterval(() => {
    if (process.ppid === parent && above.every(isThere)) return
    clearInterval(look)
    gone()
  }, lookMillis)
  look.unref()
}
