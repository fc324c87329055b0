import { existsSync, mkdirSync, renameSync } from "node:fs"
import { dirname, join } from "node:path"
import { authorities, buildah, folder, root, run } from "./buildah.ts"

/** Debian 12 with what the build stage would otherwise fetch with apt: made once, by mmdebstrap. */
const debian = (): string => {
  const file = join(folder, "debian-12.tar")
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const include = "--include=ca-certificates,g++,python3-pip"
  const making = join(folder, `debian-12.${process.pid}.tar`)
  run("making a Debian base", "mmdebstrap", ["--quiet", "--variant=minbase", include, "bookworm", making])
  renameSync(making, file)
  return file
}

/** npm's own folder: this script runs under `npm run`. */
const npmFolder = (): string => {
  const cli = process.env["npm_execpath"]
  if (cli === undefined) throw new Error("image: start this with npm run test:image")
  return dirname(dirname(cli))
}

const has = (image: string): boolean =>
  buildah(`looking for ${image}`, "images", "--format", "{{.Name}}").split("\n").includes(image)

/**
 * Makes the two images that the Dockerfile starts from where they are missing: Debian, and the same with this project's Node and npm
 * (which stand in for images that are not to be had without a registry of images). Gives their names.
 */
export const bases = (): { readonly base: string; readonly node: string } => {
  const base = "localhost/semmim-test-base"
  const node = "localhost/semmim-test-node"
  if (!has(base)) {
    const container = buildah("importing the base", "from", "scratch")
    buildah("filling the base", "add", "--quiet", container, debian(), "/")
    buildah("keeping the base", "commit", "--quiet", "--rm", container, base)
  }
  if (!has(node)) {
    const container = buildah("adding Node", "from", base)
    buildah("copying Node", "copy", "--quiet", container, join(root, "node_modules/node/bin/node"), "/usr/local/bin/node")
    buildah("copying npm", "copy", "--quiet", container, npmFolder(), "/usr/local/lib/node_modules/npm")
    buildah("linking npm", "run", container, "ln", "-s", "../lib/node_modules/npm/bin/npm-cli.js", "/usr/local/bin/npm")
    const trust = [`NODE_EXTRA_CA_CERTS=${authorities}`, `PIP_CERT=${authorities}`].flatMap((pair) => ["--env", pair])
    buildah("setting Node's authorities", "config", ...trust, container)
    buildah("keeping Node", "commit", "--quiet", "--rm", container, node)
  }
  return { base, node }
}
