import assert from "node:assert/strict"
import { buildah } from "./buildah.ts"

/**
 * Checks an image: who runs in it, what it can write, what `semmim doctor` says, and a submission's jobs, on the engine that it has
 * ("none": host jobs' image, on onnx).
 */
export const checkImage = (image: string, tensorflow: string): void => {
  const container = buildah("starting", "from", image)
  try {
    const { Docker } = JSON.parse(buildah("reading its settings", "inspect", "--type", "image", image))
    const { User, Entrypoint, Cmd, Healthcheck, Volumes } = Docker.config
    assert.equal(User, "10001:10001")
    assert.deepEqual(Cmd, ["doctor"])
    assert.equal(Healthcheck.Test[0], "CMD")
    assert.deepEqual(Object.keys(Volumes), ["/var/cache/semmim"])
    const inside = (doing: string, ...args: readonly string[]) => buildah(doing, "run", container, "--", ...args)

    assert.equal(inside("asking who runs it", "id", "-u"), "10001")
    const writable = inside(
      "looking for what it can write",
      "sh",
      "-c",
      "find / -xdev -not -path '/proc/*' -not -path '/dev/*' -writable -not -type l 2>/dev/null || true"
    )
    const places = ["/tmp", "/var/tmp", "/run/lock", "/var/lock", "/var/cache/semmim", "/var/cache/semmim/xla"]
    for (const path of writable.split("\n")) assert.ok(path === "" || places.includes(path), `it can write ${path}`)

    const findings: readonly { what: string; ok: boolean; found: string }[] = JSON.parse(
      inside("semmim doctor", ...Entrypoint, "doctor", "--json")
    )
    const needed = ["node", "sharp", "engine onnx", "cache", ...(tensorflow === "none" ? [] : ["engine tensorflow"])]
    for (const what of needed) {
      const finding = findings.find((one) => one.what === what)
      assert.ok(finding?.ok, `doctor says of ${what}: ${finding?.found}`)
      process.stderr.write(`image: ${what}: ${finding.found}\n`)
    }

    const submission = ["submit", "tiny", "--local", "--workers", "1", "--steps", "2", "--local-steps", "2", "--out", "/tmp/run"]
    const engine = tensorflow === "none" ? "onnx" : "tensorflow"
    inside(`jobs on ${engine}`, ...Entrypoint, ...submission, "--engine", engine, "--cache", "/var/cache/semmim/cache")
    const files = inside("looking at the result", "ls", "/tmp/run").split("\n")
    for (const file of ["evaluation.json", "report.html"]) assert.ok(files.includes(file), `the run has no ${file}`)
  } finally {
    buildah("removing the container", "rm", container)
  }
}
