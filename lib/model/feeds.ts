import { type Program, producers } from "../compiler/program.ts"

/** Returns the names of the inputs, fed at each run, that an output depends on. */
export const feedsOf = (program: Program, output: string): readonly string[] => {
  const root = program.outputs.find(({ name }) => name === output)
  if (!root) return []
  const made = producers(program)
  const found = new Set<number>()
  const open = [root.value]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (found.has(value)) continue
    found.add(value)
    open.push(...(made.get(value)?.inputs ?? []))
  }
  return program.inputs.filter((input) => "feed" in input.source && found.has(input.value)).map((input) => input.name)
}

/** Returns a program with only some of its outputs, otherwise unchanged; `deadCode` removes unused nodes. */
export const onlyOutputs = (program: Program, names: readonly string[]): Program => ({
  ...program,
  outputs: program.outputs.filter(({ name }) => names.includes(name)),
  updates: []
})
