import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The top of the checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url))

/** The pages for readers whose examples are run, in the order in which they are run. */
export const pages = [
  "README.md",
  "pipelines/README.md",
  "lib/data/README.md",
  "lib/engine/README.md",
  "lib/worker/README.md",
  ".github/CONTRIBUTING.md"
] as const

/** A block of code in a page: its language, the file that it is said to be, and what it holds. */
export interface Block {
  readonly page: string
  readonly language: string
  readonly file: string | undefined
  readonly content: string
}

/** All blocks of code in the pages, in order. */
export const readmeBlocks = (): readonly Block[] =>
  pages.flatMap((page) =>
    [...readFileSync(`${root}${page}`, "utf8").matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
      ([, language, file, content]) => ({ page, language: language!, file, content: content! })
    )
  )

/** The commands that the pages show, line by line, each once. */
export const readmeCommands = (): readonly { readonly page: string; readonly line: string }[] => {
  const all = readmeBlocks().flatMap(({ page, language, content }) =>
    language === "sh"
      ? content
          .trim()
          .split("\n")
          .map((line) => ({ page, line }))
      : []
  )
  return all.filter(({ line }, i) => all.findIndex((other) => other.line === line) === i)
}

/** The file of some name in the pages. */
export const readmeFile = (name: string): string => readmeBlocks().find(({ file }) => file === name)!.content
