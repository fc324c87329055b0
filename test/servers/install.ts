import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")
const servers = join(root, ".cache/servers")

const run = (need: string, command: string, args: readonly string[]): void => {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (error !== undefined) throw new Error(`test servers: ${need}: ${error.message}`)
  if (status !== 0) throw new Error(`test servers: ${need}: ${`${stdout}${stderr}`.trim().split("\n").slice(-5).join(" | ")}`)
}

/** Fills a folder once: into another name first, so that one that is there is whole. */
const once = (name: string, fill: (folder: string) => void): string => {
  const folder = join(servers, name)
  if (existsSync(folder)) return folder
  const temporary = `${folder}.${process.pid}.tmp`
  mkdirSync(servers, { recursive: true })
  try {
    fill(temporary)
    if (!existsSync(folder)) renameSync(temporary, folder)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return folder
}

/** ElasticMQ 1.7.1 and what it needs, 39 jars from Maven Central: the folder they lie in. Needs Maven, and Java 11 or later. */
export const installElasticMq = (): string =>
  once("elasticmq-1.7.1", (folder) =>
    run("ElasticMQ needs Maven (apt-get install maven)", "mvn", [
      ...["-q", "-B", "-C", "-f", join(import.meta.dirname, "elasticmq.pom.xml")],
      ...["dependency:copy-dependencies", `-DoutputDirectory=${folder}`]
    ])
  )

/** moto 5.2.5 from PyPI in a virtual environment of its own: the path of its Python. Needs Python 3.10 or later with venv and pip. */
export const installMoto = (): string => {
  // A virtual environment knows its own path, so it cannot be moved into place; a file says that it is whole.
  const folder = join(servers, "moto-5.2.5")
  const python = join(folder, "bin/python")
  once("moto-5.2.5.done", (done) => {
    rmSync(folder, { recursive: true, force: true })
    run("moto needs Python 3 with venv", "python3", ["-m", "venv", folder])
    run("moto from PyPI", python, ["-m", "pip", "install", "--quiet", "moto[server]==5.2.5"])
    mkdirSync(done, { recursive: true })
  })
  return python
}
