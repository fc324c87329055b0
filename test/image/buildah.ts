import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../..")

/** Where this test keeps base images and containers: nothing of it goes into the machine's own store. */
export const folder = join(root, ".cache/image")

/** What npm and pip in a build need on a machine whose registries are behind a proxy with an authority of its own. */
export const authorities = "/etc/ssl/certs/ca-certificates.crt"

const environment = { ...process.env, BUILDAH_ISOLATION: "chroot", STORAGE_DRIVER: "vfs" }

/** Runs a program to its end, its words on standard error; throws one line where it fails. */
export const run = (doing: string, command: string, args: readonly string[]): string => {
  process.stderr.write(`image: ${doing}\n`)
  const stdio = ["ignore", "pipe", "inherit"] as const
  const { error, status, signal, stdout } = spawnSync(command, args, { encoding: "utf8", env: environment, stdio: [...stdio] })
  if (error !== undefined) throw new Error(`image: ${doing}: ${command}: ${error.message}`)
  if (status !== 0) throw new Error(`image: ${doing}: ${command} ended with ${status ?? signal}: ${stdout.trim().slice(-2000)}`)
  return stdout.trim()
}

/** Runs buildah with this test's own store. */
export const buildah = (doing: string, ...args: readonly string[]): string =>
  run(doing, "buildah", ["--root", join(folder, "storage"), "--runroot", join(folder, "run"), ...args])

/** Flags that mount the machine's certificate authorities, where it has any. */
export const authorityMounts = (): readonly string[] =>
  existsSync(authorities) ? ["--volume", `${authorities}:${authorities}:ro`] : []
