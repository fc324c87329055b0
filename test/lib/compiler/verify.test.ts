import { assert, describe, it } from "@effect/vitest"
import type { Program } from "../../../lib/compiler/program.ts"
import { fault, verify } from "../../../lib/compiler/verify.ts"
import { fed, float, node, program, window } from "./programs.ts"

const good = program({
  values: [float(2, 3), float(3), float(2, 3)],
  inputs: [fed("x", 0), window("w", 1, "buffer", 4)],
  nodes: [node("Add", [0, 1], [2])],
  outputs: [{ name: "y", value: 2 }],
  updates: [{ kind: "replace", buffer: "buffer", offset: 0, value: 2 }]
})
const buffers = {
  buffer: { dtype: "float32", length: 8 },
  ring: { dtype: "float32", length: 9, ring: { rows: 3, width: 3 } }
} as const

const faults: readonly [string, Partial<Program>, string][] = [
  [
    "a value used before it is made",
    { nodes: [node("Add", [0, 2], [2])] },
    "Add of stage 'test': value 2 is used before it is made"
  ],
  [
    "a value made twice",
    { nodes: [node("Add", [0, 1], [2]), node("Neg", [0], [2])] },
    "Neg of stage 'test': value 2 is made twice"
  ],
  ["an op that is none", { nodes: [node("Nope", [0, 1], [2])] }, "Nope of stage 'test': there is no op Nope"],
  ["inputs of another number", { nodes: [node("Add", [0], [2])] }, "Add of stage 'test': it takes 2 inputs, and has 1"],
  ["outputs of another number", { nodes: [node("Add", [0, 1], [])] }, "Add of stage 'test': it makes 1 values, and has 0"],
  [
    "a type that the op does not make",
    { values: [float(2, 3), float(3), float(3, 2)] },
    "Add of stage 'test': value 2 is float32[3, 2], but its op makes float32[2, 3]"
  ],
  [
    "shapes that do not broadcast",
    { values: [float(2, 3), float(4), float(2, 3)] },
    "Add of stage 'test': [2,3] and [4] do not broadcast"
  ],
  ["an output that is never made", { outputs: [{ name: "y", value: 7 }] }, "output 'y' is value 7, which is never made"],
  ["an input without a type", { inputs: [fed("x", 9)] }, "input 'x' is value 9, which has no type"],
  ["a shape that is no shape", { values: [float(2, 3), float(3), float(2, -1)] }, "value 2 has the shape [2, -1]"],
  [
    "two inputs of one name",
    { values: [float(2, 3), float(3), float(2, 3)], inputs: [fed("x", 0), fed("x", 1)] },
    "two inputs are named 'x'"
  ],
  [
    "updates that overlap",
    { updates: [0, 5].map((offset) => ({ kind: "replace", buffer: "buffer", offset, value: 2 }) as const) },
    "two updates write buffer 'buffer' at 5"
  ],
  [
    "an input outside its buffer",
    { inputs: [fed("x", 0), window("w", 1, "buffer", 6)] },
    "input 'w': a window of buffer 'buffer' ends at 9, past its 8 numbers"
  ],
  [
    "an update outside its buffer",
    { updates: [{ kind: "replace", buffer: "buffer", offset: 3, value: 2 }] },
    "an update: a window of buffer 'buffer' ends at 9, past its 8 numbers"
  ],
  [
    "a buffer that is not there",
    { updates: [{ kind: "replace", buffer: "other", offset: 0, value: 2 }] },
    "an update: there is no buffer 'other'"
  ],
  [
    "rows for a buffer that is no ring",
    { updates: [{ kind: "enqueue", buffer: "buffer", value: 2 }] },
    "an update: buffer 'buffer' is no ring"
  ],
  [
    "rows of another width than a ring's",
    { updates: [{ kind: "enqueue", buffer: "ring", value: 1 }] },
    "an update: rows of float32[3] do not fit ring 'ring', 3 wide"
  ]
]

describe("verify", () => {
  it("gives back a program that keeps the rules", () => {
    assert.strictEqual(verify(good, "trace", buffers), good)
    const rows = { ...good, updates: [{ kind: "enqueue", buffer: "ring", value: 2 }] as const }
    assert.isUndefined(fault(rows, buffers))
  })
  for (const [what, change, problem] of faults)
    it(`finds ${what}`, () => assert.strictEqual(fault({ ...good, ...change }, buffers), problem))
  it("throws an InvalidProgram that names the phase", () => {
    const broken = { ...good, nodes: [node("Nope", [0, 1], [2])] }
    assert.throws(() => verify(broken, "cleaning"), "invalid program after cleaning: Nope of stage 'test': there is no op Nope")
  })
})
