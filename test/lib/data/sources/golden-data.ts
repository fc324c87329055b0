import { readFileSync } from "node:fs"
import { join } from "node:path"

/** What Python's readers make of small texts, names and lists (test/golden/golden_data.py). */
export interface GoldenData {
  readonly tables: ReadonlyArray<{
    readonly dialect: string
    readonly separator: string
    readonly text: string
    readonly rows: ReadonlyArray<readonly string[]>
  }>
  readonly literals: ReadonlyArray<{ readonly cell: string; readonly texts: readonly string[] | null }>
  readonly numbers: ReadonlyArray<{ readonly text: string; readonly value: unknown }>
  readonly keys: ReadonlyArray<readonly [name: string, key: string | null, extension: string | null]>
  readonly texts: ReadonlyArray<{ readonly encoding: string; readonly bytes: string; readonly text: string }>
  readonly coco: ReadonlyArray<{ readonly list: unknown; readonly captions: { readonly [file: string]: readonly string[] } }>
}

export const goldenData: GoldenData = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../golden/data.json"), "utf8")
) as GoldenData
