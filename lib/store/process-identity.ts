import { readFileSync, readlinkSync } from "node:fs"
import { Schema } from "effect"

/** Identity of a process among all that ever had its pid. Fields that the operating system does not provide are null. */
export const ProcessIdentity = Schema.Struct({
  pid: Schema.Int,
  /** Start time, for display: ISO 8601. */
  started: Schema.String,
  /** Start time in clock ticks since boot, from /proc. */
  ticks: Schema.NullOr(Schema.String),
  /** Id of the machine's boot, from /proc. */
  boot: Schema.NullOr(Schema.String),
  /** The pid's namespace: another container has another. */
  space: Schema.NullOr(Schema.String)
})

/** Type of the schema of this name. */
export type ProcessIdentity = typeof ProcessIdentity.Type

const orNull = (read: () => string): string | null => {
  try {
    return read()
  } catch {
    return null
  }
}

/** Reads state and start time of a process from /proc (fields 3 and 22 of proc(5)'s stat); null where it has none. */
const procStat = (pid: number): { readonly state: string; readonly ticks: string } | null => {
  const text = orNull(() => readFileSync(`/proc/${pid}/stat`, "latin1"))
  // The second field, the program's name, may contain spaces and parentheses.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ")
  return fields?.[0] === undefined || fields[19] === undefined ? null : { state: fields[0], ticks: fields[19] }
}

const boot = (): string | null => orNull(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim())
const space = (): string | null => orNull(() => readlinkSync("/proc/self/ns/pid"))

/** Returns the identity of this process. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  started: new Date(Date.now() - process.uptime() * 1000).toISOString(),
  ticks: procStat(process.pid)?.ticks ?? null,
  boot: boot(),
  space: space()
})

/** True where a process with a pid exists. */
export const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user rejects the signal, but exists.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/**
 * Returns the state of a process: "dead" also if its pid was reused since, or if it is a zombie; "elsewhere" if it belongs to
 * another machine, container or boot, where its pid has no meaning here.
 */
export const processState = (identity: ProcessIdentity): "alive" | "dead" | "elsewhere" => {
  if (identity.boot !== boot() || identity.space !== space()) return "elsewhere"
  const stat = procStat(identity.pid)
  if (stat === null) return isThere(identity.pid) ? "alive" : "dead"
  if (stat.state === "Z" || stat.state === "X") return "dead"
  return identity.ticks === null || identity.ticks === stat.ticks ? "alive" : "dead"
}
