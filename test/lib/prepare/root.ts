import { accessSync, constants, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const inMemory = "/dev/shm"

const base = (): string => {
  try {
    accessSync(inMemory, constants.W_OK)
    return inMemory
  } catch {
    return tmpdir()
  }
}

/** A new temporary folder, in memory where there is such a place: these tests flush thousands of small files, and pull no plug. */
export const temporaryRoot = (name: string): string => mkdtempSync(join(base(), `semmim-${name}-`))
