import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { coveredBy, partition } from "../../../../lib/compiler/tensorflow/partition.ts"
import { sessionModel } from "../../../../lib/compiler/tensorflow/saved-model.ts"
import { trace } from "../../../../lib/compiler/trace.ts"

const buffers = {
  w: { dtype: "float32", length: 12 },
  n: { dtype: "int32", length: 4 },
  ring: { dtype: "float32", length: 10, ring: { rows: 5, width: 2 } }
} as const
const step = trace((t) => {
  const window = (name: string, offset: number) => t.input(name, [4], "float32", { buffer: "w", offset })
  return {
    outputs: { y: tf.add(window("a", 0), t.input("x", [4], "float32")) },
    updates: [
      { kind: "replace", buffer: "w", offset: 6, tensor: tf.mul(window("b", 2), 2) },
      { kind: "enqueue", buffer: "ring", tensor: t.input("rows", [3, 2], "float32") }
    ]
  }
})

describe("the state's partition", () => {
  const pieces = partition(buffers, [step])
  const cuts = (buffer: string, from = pieces) => from.get(buffer)!.map(({ offset, length }) => [offset, length])
  it("cuts a buffer where windows that are replaced begin and end, and nothing else", () => {
    assert.deepEqual(cuts("w"), [
      [0, 6],
      [6, 4],
      [10, 2]
    ])
    assert.deepEqual([cuts("n"), cuts("ring")], [[[0, 4]], [[0, 10]]])
  })
  it("cuts a buffer of which nothing is replaced where windows are read", () => {
    const reading = trace((t) => ({ outputs: { y: t.input("a", [4], "float32", { buffer: "w", offset: 2 }) }, updates: [] }))
    assert.deepEqual(cuts("w", partition(buffers, [reading])), [
      [0, 2],
      [2, 4],
      [6, 6]
    ])
  })
  it("covers any window with its pieces, in order", () => {
    assert.deepEqual(
      coveredBy(pieces.get("w")!, 3, 4).map(({ piece, from, to }) => [piece.offset, from, to]),
      [
        [0, 3, 6],
        [6, 0, 1]
      ]
    )
  })
})

describe("a session's SavedModel", () => {
  const made = sessionModel(new Map([["step", step]]), { buffers, device: "cpu", compute: "float32" })
  it("has a variable for each piece, pointers of rings among them", () => {
    assert.deepEqual(
      made.pieces.map(({ buffer, offset }) => `${buffer}@${offset}`),
      ["w@0", "w@6", "w@10", "n@0", "ring@0", "ring.pointer@0"]
    )
  })
  it("says what a program is fed, gives and changes", () => {
    const { feeds, outputs, changes } = made.programs["step"]!
    assert.deepEqual(
      feeds.map(({ name, shape }) => [name, shape]),
      [
        ["x", [4]],
        ["rows", [3, 2]]
      ]
    )
    assert.deepEqual(
      outputs.map(({ name, tensor }) => [name, tensor]),
      [["y", "call0:0"]]
    )
    assert.deepEqual(changes, ["w", "ring", "ring.pointer"])
  })
  it("is the same bytes for the same programs", () => {
    const again = sessionModel(new Map([["step", step]]), { buffers, device: "cpu", compute: "float32" })
    assert.deepEqual(again.model, made.model)
    const other = sessionModel(new Map([["step", step]]), { buffers, device: "gpu", compute: "float32" })
    assert.notDeepEqual(other.model, made.model)
  })
})
