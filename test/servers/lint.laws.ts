import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { deployDefaults } from "../../lib/deploy/options.ts"
import { deployTemplate } from "../../lib/deploy/template.ts"
import { installCfnLint, installHadolint } from "./install.ts"

const lint = (command: string, ...args: readonly string[]): string => {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" })
  return status === 0 ? "" : `${stdout}${stderr}`
}

describe("what is deployed", () => {
  it("is a template that cfn-lint has nothing against", () => {
    const folder = mkdtempSync(join(tmpdir(), "semmim-"))
    try {
      for (const options of [deployDefaults, { prefix: "a/b", instanceTypes: ["g5.xlarge"] }]) {
        const file = join(folder, "template.json")
        writeFileSync(file, JSON.stringify(deployTemplate(options)))
        assert.strictEqual(lint(installCfnLint(), "--regions", "us-east-1", "eu-central-1", "--", file), "")
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("is an image whose Dockerfile hadolint has nothing against", () => {
    assert.strictEqual(lint(installHadolint(), join(import.meta.dirname, "../../Dockerfile")), "")
  })
})
