import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The top of the checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url))

/** A block of code in the README: its language, the file that it is said to be, and what it holds. */
export interface Block {
  readonly language: string
  readonly file: string | undefined
  readonly content: string
}

/** All blocks of code in the README, in order. */
export const readmeBlocks = (): readonly Block[] =>
  [...readFileSync(`${root}README.md`, "utf8").matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language, file, content]) => ({ language: language!, file, content: content! })
  )

/** The commands that the README shows, line by line. */
export const readmeCommands = (): readonly string[] =>
  readmeBlocks().flatMap(({ language, content }) => (language === "sh" ? content.trim().split("\n") : []))

/** The README's file of some name. */
export const readmeFile = (name: string): string => readmeBlocks().find(({ file }) => file === name)!.content
