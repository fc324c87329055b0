import { isThere } from "../store/process-identity.ts"

/** The variable in which the launcher names the processes whose end is to stop the command: its parent first, then those above. */
const variable = "SEMMIM_PARENTS"

const lookMillis = 250

/**
 * Calls `gone` once when one of the processes that started this one has ended, which then cannot pass signals on any more: npm's shell
 * on SIGTERM, anyone on SIGKILL. Without effect where nobody is named, or the parent had ended before.
 */
export const watchParents = (gone: () => void): void => {
  const [parent, ...above] = (process.env[variable] ?? "").split(",").map(Number)
  // Not for processes that this one starts.
  delete process.env[variable]
  if (!parent || process.ppid !== parent) return
  const look = setInterval(() => {
    if (process.ppid === parent && above.every(isThere)) return
    clearInterval(look)
    gone()
  }, lookMillis)
  look.unref()
}
