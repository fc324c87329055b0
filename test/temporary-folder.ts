import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

/** A new temporary folder of a test file, made where the file is loaded, which goes with the file's last test. */
export const temporaryFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `semmim-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
