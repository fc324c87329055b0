import type { Attributes, Input, Node, Program, ValueType } from "../../../lib/compiler/program.ts"

/** A float32 type. */
export const float = (...shape: number[]): ValueType => ({ shape, dtype: "float32" })

/** A fed input. */
export const fed = (name: string, value: number): Input => ({ name, value, source: { feed: true } })

/** An input that is a window of a buffer. */
export const window = (name: string, value: number, buffer: string, offset: number): Input => ({
  name,
  value,
  source: { buffer, offset }
})

/** A node of stage `test`. */
export const node = (op: string, inputs: number[], outputs: number[], attributes: Attributes = {}): Node => ({
  op,
  inputs,
  outputs,
  attributes,
  stage: "test"
})

/** A program of its parts; what is left out is empty. */
export const program = (parts: Partial<Program>): Program => ({
  values: [],
  inputs: [],
  nodes: [],
  outputs: [],
  updates: [],
  ...parts
})
