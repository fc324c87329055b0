import { readFileSync } from "node:fs"

interface Parts {
  readonly scripts: ReadonlyArray<readonly string[]>
  readonly others: readonly string[]
  readonly between: readonly string[]
}
const parts: Parts = JSON.parse(readFileSync(new URL("texts.json", import.meta.url), "utf8"))

/** The texts of make.py: words in twenty scripts by turns and other signs, with something between them. */
export const goldenTexts = (count: number, seed: number): readonly string[] => {
  let state = seed
  const draw = (n: number): number => {
    state = (state * 16807) % 2147483647
    return (state >> 4) % n
  }
  const one = (i: number): string => {
    let out = ""
    for (let left = 1 + draw(7); left > 0; left--) {
      const words = draw(3) > 0 ? parts.scripts[i % parts.scripts.length]! : parts.others
      out += words[draw(words.length)]!
      out += parts.between[draw(parts.between.length)]!
    }
    return out
  }
  return Array.from({ length: count }, (_, i) => one(i))
}
