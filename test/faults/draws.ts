import { hash } from "node:crypto"

/** Numbers in [0, 1) that are a function of a seed, a name and how often the name was asked for: a run's faults can be had again. */
export const draws = (seed: number) => {
  const counts = new Map<string, number>()
  return (name: string): number => {
    const nth = counts.get(name) ?? 0
    counts.set(name, nth + 1)
    return Number.parseInt(hash("sha256", `${seed}/${name}/${nth}`).slice(0, 12), 16) / 2 ** 48
  }
}

/** Draws of one seed. */
export type Draws = ReturnType<typeof draws>
