import { InvalidProgram } from "./errors.ts"
import { opSpec } from "./ops/table.ts"
import { type BufferSpec, type Node, type Program, sizeOf, type Update, type ValueType } from "./program.ts"

/** Formats a type for errors: `float32[2, 3]`. */
export const showType = (type: ValueType): string => `${type.dtype}[${type.shape.join(", ")}]`

const sameType = (a: ValueType, b: ValueType): boolean =>
  a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i])

const whole = (type: ValueType): boolean => type.shape.every((d) => Number.isSafeInteger(d) && d >= 0)

const inferred = (node: Node, types: readonly ValueType[]): readonly ValueType[] | string => {
  const spec = opSpec(node.op)
  if (!spec) return `there is no op ${node.op}`
  if (spec.inputs !== "list" && spec.inputs.length !== node.inputs.length)
    return `it takes ${spec.inputs.length} inputs, and has ${node.inputs.length}`
  try {
    return spec.infer(types, node.attributes)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const nodeFault = (program: Program, node: Node, made: Uint8Array): string | undefined => {
  for (const input of node.inputs) if (!made[input]) return `value ${input} is used before it is made`
  const types = inferred(
    node,
    node.inputs.map((input) => program.values[input]!)
  )
  if (typeof types === "string") return types
  if (types.length !== node.outputs.length) return `it makes ${types.length} values, and has ${node.outputs.length}`
  for (const [i, output] of node.outputs.entries()) {
    const declared = program.values[output]
    if (!declared) return `value ${output} has no type`
    if (made[output]) return `value ${output} is made twice`
    if (!sameType(declared, types[i]!)) return `value ${output} is ${showType(declared)}, but its op makes ${showType(types[i]!)}`
    made[output] = 1
  }
  return undefined
}

/** Range of elements that an update replaces: [begin, end). */
const windowOf = (program: Program, update: Extract<Update, { kind: "replace" }>): readonly [number, number] => [
  update.offset,
  update.offset + sizeOf(program.values[update.value]!.shape)
]

const bufferFault = (
  buffers: { readonly [name: string]: BufferSpec },
  name: string,
  type: ValueType,
  end: number
): string | undefined => {
  const buffer = buffers[name]
  if (!buffer) return `there is no buffer '${name}'`
  if (buffer.dtype !== type.dtype) return `buffer '${name}' holds ${buffer.dtype}, not ${showType(type)}`
  return end > buffer.length ? `a window of buffer '${name}' ends at ${end}, past its ${buffer.length} numbers` : undefined
}

const ringFault = (buffers: { readonly [name: string]: BufferSpec }, name: string, type: ValueType): string | undefined => {
  const ring = buffers[name]?.ring
  if (!ring) return buffers[name] ? `buffer '${name}' is no ring` : undefined
  const rows = type.shape[0] ?? 1
  if (sizeOf(type.shape) !== rows * ring.width) return `rows of ${showType(type)} do not fit ring '${name}', ${ring.width} wide`
  return rows > ring.rows ? `${rows} rows do not fit ring '${name}' of ${ring.rows}` : undefined
}

const stateFault = (program: Program, buffers: { readonly [name: string]: BufferSpec }): string | undefined => {
  for (const { name, value, source } of program.inputs) {
    if ("feed" in source) continue
    const type = program.values[value]!
    const fault = bufferFault(buffers, source.buffer, type, source.offset + sizeOf(type.shape))
    if (fault) return `input '${name}': ${fault}`
  }
  for (const update of program.updates) {
    const type = program.values[update.value]!
    const end = update.kind === "replace" ? windowOf(program, update)[1] : 0
    const fault =
      bufferFault(buffers, update.buffer, type, end) ??
      (update.kind === "enqueue" ? ringFault(buffers, update.buffer, type) : undefined)
    if (fault) return `an update: ${fault}`
  }
  return undefined
}

const updatesFault = (program: Program): string | undefined => {
  const replaced = program.updates.filter((update) => update.kind === "replace")
  replaced.sort((a, b) => (a.buffer === b.buffer ? a.offset - b.offset : a.buffer < b.buffer ? -1 : 1))
  for (const [i, update] of replaced.entries()) {
    const before = replaced[i - 1]
    if (before?.buffer === update.buffer && windowOf(program, before)[1] > update.offset)
      return `two updates write buffer '${update.buffer}' at ${update.offset}`
  }
  return undefined
}

const namesFault = (what: string, names: readonly string[]): string | undefined => {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) return `two ${what}s are named '${name}'`
    seen.add(name)
  }
  return undefined
}

/** Returns the first rule that a program breaks, as a message; undefined where it breaks none. */
export const fault = (program: Program, buffers?: { readonly [name: string]: BufferSpec }): string | undefined => {
  const made = new Uint8Array(program.values.length)
  for (const { name, value } of program.inputs) {
    if (!program.values[value]) return `input '${name}' is value ${value}, which has no type`
    if (made[value]) return `input '${name}' is value ${value}, which another input is`
    made[value] = 1
  }
  const untyped = program.values.findIndex((type) => !whole(type))
  if (untyped >= 0) return `value ${untyped} has the shape [${program.values[untyped]!.shape.join(", ")}]`
  for (const node of program.nodes) {
    const found = nodeFault(program, node, made)
    if (found) return `${node.op} of stage '${node.stage}': ${found}`
  }
  const leaving = [
    ...program.outputs.map(({ name, value }) => [`output '${name}'`, value] as const),
    ...program.updates.map(({ buffer, value }) => [`an update of '${buffer}'`, value] as const)
  ]
  for (const [what, value] of leaving) if (!made[value]) return `${what} is value ${value}, which is never made`
  return (
    namesFault(
      "input",
      program.inputs.map(({ name }) => name)
    ) ??
    namesFault(
      "output",
      program.outputs.map(({ name }) => name)
    ) ??
    updatesFault(program) ??
    (buffers ? stateFault(program, buffers) : undefined)
  )
}

/**
 * Checks a program against the rules of the IR: values made once and before use, types as the table of ops infers them, inputs,
 * outputs and updates in range (and fitting `buffers`, where given). Returns the program; throws `InvalidProgram` with the phase.
 */
export const verify = (program: Program, phase: string, buffers?: { readonly [name: string]: BufferSpec }): Program => {
  const rule = fault(program, buffers)
  if (rule !== undefined) throw new InvalidProgram({ phase, rule })
  return program
}
