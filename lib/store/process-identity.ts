import { readFileSync, readlinkSync } from "node:fs"
import { Schema } from "effect"

/** Which process, of all that ever had its number. What the operating system does not tell is null. */
export const ProcessIdentity = Schema.Struct({
  pid: Schema.Int,
  /** When it started, for people: ISO 8601. */
  started: Schema.String,
  /** Its start in clock ticks since the machine's, as /proc has it. */
  ticks: Schema.NullOr(Schema.String),
  /** The machine's boot, as /proc has it. */
  boot: Schema.NullOr(Schema.String),
  /** The space its pid belongs to: another container has another. */
  space: Schema.NullOr(Schema.String)
})

/** See the schema of this name. */
export type ProcessIdentity = typeof ProcessIdentity.Type

const orNull = (read: () => string): string | null => {
  try {
    return read()
  } catch {
    return null
  }
}

/** State and start time of a process from /proc (fields 3 and 22 of proc(5)'s stat), or null where it has none. */
const procStat = (pid: number): { readonly state: string; readonly ticks: string } | null => {
  const text = orNull(() => readFileSync(`/proc/${pid}/stat`, "latin1"))
  // The second field, the program's name, may hold spaces and parentheses.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ")
  return fields?.[0] === undefined || fields[19] === undefined ? null : { state: fields[0], ticks: fields[19] }
}

const boot = (): string | null => orNull(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim())
const space = (): string | null => orNull(() => readlinkSync("/proc/self/ns/pid"))

/** This process. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  started: new Date(Date.now() - process.uptime() * 1000).toISOString(),
  ticks: procStat(process.pid)?.ticks ?? null,
  boot: boot(),
  space: space()
})

/** Whether there is a process of a number. */
export const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user refuses the signal, but is there.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/**
 * Whether a process still runs: "dead" also if its number was given to another one since, or if it is a zombie; "elsewhere" if
 * it belongs to another machine, container or boot, where its number says nothing here.
 */
export const processState = (identity: ProcessIdentity): "alive" | "dead" | "elsewhere" => {
  if (identity.boot !== boot() || identity.space !== space()) return "elsewhere"
  const stat = procStat(identity.pid)
  if (stat === null) return isThere(identity.pid) ? "alive" : "dead"
  if (stat.state === "Z" || stat.state === "X") return "dead"
  return identity.ticks === null || identity.ticks === stat.ticks ? "alive" : "dead"
}
