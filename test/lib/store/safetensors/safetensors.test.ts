import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { decode, encode } from "../../../../lib/store/safetensors/safetensors.ts"
import { SafetensorsError } from "../../../../lib/store/safetensors/safetensors-error.ts"
import type { StoredTensor } from "../../../../lib/store/safetensors/stored-tensor.ts"
import { seed } from "../../../seed.ts"
import { anyMetadata, anyTensors, handMade } from "../../weights/tensors.ts"

const sorted = <V>(map: ReadonlyMap<string, V>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

const refused = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    assert.instanceOf(error, SafetensorsError)
    assert.notInclude(error.message, "\n")
    return error.message
  }
  return assert.fail("accepted")
}

describe("encode and decode", () => {
  it("give back any tensors and metadata, bit for bit", () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const read = decode(encode(tensors, metadata))
        assert.deepStrictEqual(sorted(read.tensors), sorted(tensors))
        assert.deepStrictEqual(sorted(read.metadata), sorted(metadata))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("give the same bytes whatever the order of the maps", () => {
    fc.assert(
      fc.property(anyTensors, anyMetadata, (tensors, metadata) => {
        const turned = encode(new Map([...tensors].reverse()), new Map([...metadata].reverse()))
        assert.deepStrictEqual(turned, encode(tensors, metadata))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("align the data, and each tensor to its elements", () => {
    const tensors = new Map<string, StoredTensor>([
      ["a", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ["b", { dtype: "F32", shape: [1], data: Float32Array.of(1) }],
      ["c", { dtype: "I64", shape: [], data: BigInt64Array.of(-2n) }]
    ])
    const bytes = encode(tensors)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    assert.strictEqual(length % 8, 0)
    assert.strictEqual(
      new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd(),
      '{"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},' +
        '"a":{"dtype":"U8","shape":[3],"data_offsets":[12,15]}}'
    )
    assert.deepStrictEqual([...bytes.subarray(8 + length)], [254, 255, 255, 255, 255, 255, 255, 255, 0, 0, 128, 63, 1, 2, 3])
  })

  it("read tensors at odd offsets, of files made by others", () => {
    const header =
      '{"flag":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},' +
      '"__metadata__":{"format":"pt"}}'
    const { tensors, metadata } = decode(handMade(header, [1, 0, 0, 128, 63]))
    assert.deepStrictEqual(tensors.get("flag"), { dtype: "BOOL", shape: [1], data: Uint8Array.of(1) })
    assert.deepStrictEqual(tensors.get("x"), { dtype: "F32", shape: [1], data: Float32Array.of(1) })
    assert.deepStrictEqual([...metadata], [["format", "pt"]])
  })

  it("widen F16 and BF16 to F32", () => {
    const header = '{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]}}'
    const { tensors } = decode(handMade(header, [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0x80, 0x3f, 0x20, 0xc0]))
    assert.deepStrictEqual(tensors.get("h")?.data, Float32Array.of(1, 2 ** -24, Number.NEGATIVE_INFINITY))
    assert.deepStrictEqual(tensors.get("b"), { dtype: "F32", shape: [2], data: Float32Array.of(1, -2.5) })
  })

  it("refuse to write what no file can hold", () => {
    const one = (tensor: StoredTensor, name = "x") => refused(() => encode(new Map([[name, tensor]])))
    assert.include(one({ dtype: "F32", shape: [3], data: new Float32Array(2) }), 'tensor "x" has shape [3] but 2 elements')
    assert.include(one({ dtype: "F32", shape: [-1], data: new Float32Array(1) }), "impossible shape [-1]")
    assert.include(one({ dtype: "BOOL", shape: [1], data: Uint8Array.of(2) }), "has the byte 2 for a BOOL, at element 0")
    assert.include(one({ dtype: "U8", shape: [0], data: new Uint8Array(0) }, "__metadata__"), "may be called __metadata__")
    assert.include(one({ dtype: "U8", shape: [0], data: new Uint8Array(0) }, "\ud800"), "not well-formed")
  })
})

describe("decode", () => {
  const x = (dtype: string, shape: string, offsets: string) =>
    `{"x":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`
  const two = (a: string, b: string) =>
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${a}},"b":{"dtype":"U8","shape":[2],"data_offsets":${b}}}`
  const attacks: ReadonlyArray<readonly [attack: string, bytes: Uint8Array, reason: string]> = [
    ["no bytes", new Uint8Array(0), "0 bytes are too few"],
    ["half a length", new Uint8Array(7), "7 bytes are too few"],
    ["no header", new Uint8Array(8), "does not start with {"],
    ["a header longer than the file", handMade("{}", [], 3n), "ends after the file's 10"],
    ["a header of 100 MB and one byte", handMade("{}", [], 100_000_001n), "longer than 100000000"],
    ["a header of 2^64 − 1 bytes", handMade("{}", [], 2n ** 64n - 1n), "longer than 100000000"],
    ["a space before the header", handMade(" {}"), "does not start with {"],
    ["a byte order mark", handMade("\ufeff{}"), "does not start with {"],
    ["a list", handMade("[]"), "does not start with {"],
    ["text after the header", handMade("{} {}"), "is not JSON"],
    ["bytes that are not UTF-8", handMade(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), "is not UTF-8"],
    ["a header cut short", handMade('{"x":{"dtype":"U8"'), "is not JSON"],
    ["a string without an end", handMade('{"x'), "string without an end"],
    ["deep nesting", handMade(`{"x":${"[".repeat(100_000)}`), "deeper than 3"],
    [
      "a tensor twice",
      handMade('{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      'the key "x" twice'
    ],
    ["a tensor twice, once escaped", handMade('{"x":{},"\\u0078":{}}'), 'the key "x" twice'],
    ["a tensor twice, its colon far away", handMade(`{"x"${" ".repeat(99)}:{},"x"\n:{}}`), 'the key "x" twice'],
    ["a dtype twice", handMade('{"x":{"dtype":"U8","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), 'the key "dtype" twice'],
    ["metadata twice", handMade('{"__metadata__":{},"__metadata__":{}}'), 'the key "__metadata__" twice'],
    ["a metadata key twice", handMade('{"__metadata__":{"a":"1","a":"2"}}'), 'the key "a" twice'],
    ["metadata that is not text", handMade('{"__metadata__":{"a":1}}'), '__metadata__ "a" is not a text'],
    ["metadata that is a list", handMade('{"__metadata__":[]}'), "__metadata__ is not an object"],
    [
      "too many entries",
      handMade(`{${Array.from({ length: 100_001 }, (_, i) => `"${i}":0`).join()}}`),
      "more than 100000 entries"
    ],
    ["an entry that is a number", handMade('{"x":1}'), 'tensor "x" is not an object'],
    ["an entry that is a list", handMade('{"x":[]}'), 'tensor "x" is not an object'],
    ["an unknown property", handMade('{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"y":0}}'), 'unknown property "y"'],
    ["a missing shape", handMade('{"x":{"dtype":"U8","data_offsets":[0,0]}}'), "has a shape that is not a list of sizes"],
    ["an unknown dtype", handMade(x('"F31"', "[0]", "[0,0]")), 'unknown dtype "F31"'],
    ["a dtype of Object's prototype", handMade(x('"constructor"', "[0]", "[0,0]")), 'unknown dtype "constructor"'],
    ["a negative size", handMade(x('"U8"', "[-1]", "[0,0]")), '"-" outside a string'],
    ["a size with a fraction", handMade(x('"U8"', "[1.5]", "[0,0]")), '"." outside a string'],
    ["a size with an exponent", handMade(x('"U8"', "[1e3]", "[0,0]")), '"e" outside a string'],
    ["a size beyond 2^53", handMade(x('"U8"', "[9007199254740993]", "[0,0]")), "not a list of sizes"],
    [
      "a product that overflows to zero in 64 bits",
      handMade(x('"F32"', "[4294967296,4294967296]", "[0,0]")),
      "product is too large"
    ],
    ["bytes that overflow", handMade(x('"F64"', "[9007199254740991]", "[0,0]")), "product is too large"],
    ["one offset", handMade(x('"U8"', "[0]", "[0]")), "not two offsets"],
    ["three offsets", handMade(x('"U8"', "[0]", "[0,0,0]")), "not two offsets"],
    ["offsets that end before they start", handMade(x('"U8"', "[1]", "[1,0]"), [0]), "at offsets 1 to 0"],
    ["a range that is not the shape's", handMade(x('"F32"', "[1]", "[0,3]"), [0, 0, 0]), "F32[1], 4 bytes, at offsets 0 to 3"],
    ["a hole before the first tensor", handMade(x('"U8"', "[1]", "[1,2]"), [0, 0]), "starts at byte 1, not at 0"],
    ["a hole between tensors", handMade(two("[0,2]", "[3,5]"), [0, 0, 0, 0, 0]), 'tensor "b" starts at byte 3, not at 2'],
    ["tensors that overlap", handMade(two("[0,2]", "[1,3]"), [0, 0, 0]), 'tensor "b" starts at byte 1, not at 2'],
    ["tensors that share bytes", handMade(two("[0,2]", "[0,2]"), [0, 0]), 'tensor "b" starts at byte 0, not at 2'],
    ["bytes after the last tensor", handMade(x('"U8"', "[1]", "[0,1]"), [0, 0]), "cover 1 bytes, but 2 follow"],
    ["bytes missing", handMade(x('"U8"', "[3]", "[0,3]"), [0, 0]), "cover 3 bytes, but 2 follow"],
    ["an empty tensor beyond the end", handMade(x('"U8"', "[0]", "[5,5]")), "starts at byte 5, not at 0"],
    ["a BOOL that is neither", handMade(x('"BOOL"', "[2]", "[0,2]"), [1, 7]), "has the byte 7 for a BOOL, at element 1"],
    [
      "a type that is not read",
      handMade(x('"U64"', "[1]", "[0,8]"), [0, 0, 0, 0, 0, 0, 0, 0]),
      "is of type U64, which is not read"
    ]
  ]
  it.each(attacks)("refuses %s", (_, bytes, reason) => {
    assert.include(
      refused(() => decode(bytes, "a.safetensors")),
      reason
    )
    assert.match(
      refused(() => decode(bytes, "a.safetensors")),
      /^a\.safetensors: /
    )
  })

  it("either refuses altered bytes or reads tensors that fit them, never anything else", () => {
    const bytes = encode(
      new Map<string, StoredTensor>([
        ["w", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
        ["i", { dtype: "BOOL", shape: [3], data: Uint8Array.of(0, 1, 1) }]
      ]),
      new Map([["a", "b"]])
    )
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(bytes.length), (changes, length) => {
        const altered = bytes.slice(0, length % 3 === 0 ? length : bytes.length)
        for (const [at, value] of changes) altered[at] = value
        try {
          for (const { shape, data } of decode(altered).tensors.values()) {
            assert.strictEqual(
              data.length,
              shape.reduce((a, b) => a * b, 1)
            )
          }
        } catch (error) {
          assert.instanceOf(error, SafetensorsError)
        }
      }),
      { seed, numRuns: 3000 }
    )
  })
})
