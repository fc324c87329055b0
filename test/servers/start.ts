import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { installElasticMq, installMoto } from "./install.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Endpoints of the servers that `start.ts` runs: both speak SQS, moto S3 and much else too. */
    readonly elasticmq: string
    readonly moto: string
    /** Another moto, for the one test that has it keep to roles, which it then does for everybody. */
    readonly guardedMoto: string
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))))
    })
  })

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false
  )

const children: ChildProcess[] = []

/** Starts a server and waits until it answers; it is killed with this process at the latest. */
const start = async (name: string, command: string, args: (port: number) => readonly string[]): Promise<string> => {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const child = spawn(command, args(port), { stdio: ["ignore", "ignore", "pipe"] })
  children.push(child)
  let words = ""
  child.stderr.on("data", (data: Buffer) => {
    words = `${words}${data}`.slice(-2000)
  })
  child.on("error", (error) => {
    words += error.message
  })
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) break
    if (await answers(endpoint)) return endpoint
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`test servers: ${name} does not start: ${words.trim().split("\n").at(-1)}`)
}

const elasticMq =
  (jars: string) =>
  (port: number): readonly string[] => [
    ...["-Xmx512m", "-Drest-sqs.bind-hostname=127.0.0.1", `-Drest-sqs.bind-port=${port}`, "-Drest-stats.enabled=false"],
    ...["-Dnode-address.host=127.0.0.1", `-Dnode-address.port=${port}`, "-cp", join(jars, "*"), "org.elasticmq.server.Main"]
  ]

const kill = (): void => {
  for (const child of children) child.kill("SIGKILL")
}

/** Installs and starts ElasticMQ and moto for a run of the tests, on 127.0.0.1, and ends them after it. */
export default async function setup(project: TestProject): Promise<() => void> {
  process.on("exit", kill)
  const [jars, python] = [installElasticMq(), installMoto()]
  const moto = (port: number) => ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)]
  project.provide("elasticmq", await start("ElasticMQ", "java", elasticMq(jars)))
  project.provide("moto", await start("moto", python, moto))
  project.provide("guardedMoto", await start("moto", python, moto))
  return kill
}
