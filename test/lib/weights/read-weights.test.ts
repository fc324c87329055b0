import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { encode } from "../../../lib/store/safetensors/safetensors.ts"
import type { StoredTensor } from "../../../lib/store/safetensors/stored-tensor.ts"
import { readWeights } from "../../../lib/weights/read-weights.ts"
import { handMade } from "./tensors.ts"

const f32 = (...numbers: readonly number[]): StoredTensor => ({
  dtype: "F32",
  shape: [numbers.length],
  data: Float32Array.from(numbers)
})
const tensors = new Map<string, StoredTensor>([
  ["bert.a.weight", f32(1, 2, 3)],
  ["bert.b.weight", f32(-0.5)],
  ["bert.embeddings.position_ids", { dtype: "I64", shape: [2], data: BigInt64Array.of(0n, 1n) }]
])
const part = (...names: readonly string[]) => encode(new Map(names.map((name) => [name, tensors.get(name)!])))

/** A file of one tensor of a type that is not written here. */
const typed = (dtype: string, bytes: readonly number[], shape: string, name = "x.weight") =>
  handMade(`{"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[0,${bytes.length}]}}`, bytes)

const zipped = (name: string): Buffer => Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(26, 8), Buffer.from(name)])
const tar = Buffer.alloc(512)
tar.write("ustar", 257)
const foreign: { readonly [file: string]: readonly [content: string | Uint8Array, said: RegExp] } = {
  "pytorch_model.bin": [zipped("archive/data.pkl"), /is a PyTorch file \(a zip .* no safetensors file: .*weights_only=True/],
  "old.pth": [Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc]), /is a pickle, as PyTorch wrote before 1\.6, .*model\.safetensors/],
  "model.npz": [zipped("a.npy"), /is a NumPy archive/],
  "a.npy": [Buffer.from("\u0093NUMPY\u0001\u0000", "latin1"), /is a NumPy array/],
  "pointer.safetensors": ["version https://git-lfs.github.com/spec/v1\noid sha256:1\n", /was not downloaded.*git lfs pull/],
  "page.safetensors": ["\n<!DOCTYPE html><html>", /is a web page.*download the file itself/],
  "tf_model.h5": [Buffer.from("\u0089HDF\r\n\u001a\n", "latin1"), /is HDF5/],
  "model.gguf": [Buffer.from("GGUF\u0003\0\0\0"), /is GGUF/],
  "model.onnx": [Buffer.from([8, 10, 0x12, 6, 0x73, 0x65, 0x6d]), /is an ONNX model/],
  "model.safetensors.gz": [gzipSync("x"), /is packed with gzip/],
  "model.tar": [tar, /is a tar archive/],
  "empty.safetensors": ["", /0 bytes are too few for a header: it is empty/],
  "noise.safetensors": [Buffer.alloc(64, 0xc3), /longer than 100000000: it is no safetensors file/],
  "small.safetensors": [
    Buffer.concat([Buffer.from([40, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(20, 7)]),
    /it is no safetensors file/
  ],
  "config.json": ['{ "model_type": "bert" }', /is JSON without a weight_map/],
  "torch.index.json": ['{"weight_map":{"a":"pytorch_model-00001-of-00002.bin"}}', /lists PyTorch files \(pytorch_model-00001/],
  "outside.json": ['{"weight_map":{"a":"../a.safetensors"}}', /"\.\.\/a\.safetensors", which is not beside it/],
  "none.json": ['{"weight_map":{}}', /has an empty weight_map/]
}

layer(NodeServices.layer)("weights", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const refusal = (path: string) => Effect.map(Effect.flip(readWeights(path)), ({ message }) => message)
  const numbers = (path: string) =>
    Effect.map(readWeights(path), (weights) => [...weights].map(([name, { data }]) => [name, [...data]]).sort())
  const whole = [
    ["bert.a.weight", [1, 2, 3]],
    ["bert.b.weight", [-0.5]]
  ]

  it.effect("are read from a file, from the files that an index lists, and from a folder with either", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const [one, many] = [join(inside, "one"), join(inside, "many")]
      for (const each of [one, many]) mkdirSync(each)
      writeFileSync(join(one, "model.safetensors"), part(...tensors.keys()))
      writeFileSync(join(many, "model-00001-of-00002.safetensors"), part("bert.b.weight"))
      writeFileSync(join(many, "model-00002-of-00002.safetensors"), part("bert.a.weight", "bert.embeddings.position_ids"))
      const files = { "bert.a.weight": 2, "bert.b.weight": 1, "bert.embeddings.position_ids": 2 }
      const map = Object.fromEntries(Object.entries(files).map(([name, n]) => [name, `model-0000${n}-of-00002.safetensors`]))
      const index = join(many, "model.safetensors.index.json")
      writeFileSync(index, JSON.stringify({ metadata: { total_size: 32 }, weight_map: map }, null, 2))
      for (const path of [join(one, "model.safetensors"), one, index, many])
        assert.deepStrictEqual(yield* numbers(path), whole, path)
      writeFileSync(index, JSON.stringify({ weight_map: { ...map, c: "model-00003-of-00003.safetensors" } }))
      assert.strictEqual(
        yield* refusal(many),
        `${index}: 1 of the 3 files that it lists are not beside it: model-00003-of-00003.safetensors`
      )
      writeFileSync(index, JSON.stringify({ weight_map: { ...map, c: "model-00001-of-00002.safetensors" } }))
      assert.strictEqual(yield* refusal(many), `${join(many, "model-00001-of-00002.safetensors")}: has no tensor "c"`)
    })
  )

  it.effect("in files of other formats are refused with what the file is and what to do", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      for (const [name, [content, said]] of Object.entries(foreign)) {
        const path = join(inside, name)
        writeFileSync(path, content)
        const message = yield* refusal(path)
        assert.match(message, said, name)
        assert.isTrue(message.startsWith(`${path}: `), message)
        assert.notInclude(message, "\n")
      }
      const empty = join(inside, "bert")
      mkdirSync(empty)
      const none = `${empty}: has no model.safetensors and no model.safetensors.index.json`
      assert.strictEqual(yield* refusal(empty), none)
      writeFileSync(join(empty, "pytorch_model.bin"), "x")
      assert.strictEqual(yield* refusal(empty), `${none}; it has pytorch_model.bin`)
      writeFileSync(join(empty, "bert.safetensors"), "x")
      assert.strictEqual(yield* refusal(empty), `${none}; it has bert.safetensors, pytorch_model.bin: name the file itself`)
    })
  )

  it.effect("of any float type become float32; integers are buffers, and weights of other types are refused by name", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "x.safetensors")
      const doubles = [...new Uint8Array(Float64Array.of(1.5, 1 / 3).buffer)]
      const floats: ReadonlyArray<readonly [string, readonly number[], readonly number[]]> = [
        ["F64", doubles, [1.5, Math.fround(1 / 3)]],
        ["BF16", [0x80, 0x3f, 0x20, 0xc0], [1, -2.5]],
        ["F16", [0x00, 0x3c, 0x00, 0xc1], [1, -2.5]]
      ]
      for (const [dtype, bytes, expected] of floats) {
        writeFileSync(path, typed(dtype, bytes, "[2]"))
        assert.deepStrictEqual(yield* numbers(path), [["x.weight", expected]], dtype)
      }
      for (const dtype of ["I64", "U64", "C64"]) {
        writeFileSync(path, typed(dtype, new Array(8).fill(0), "[1]", "position_ids"))
        assert.deepStrictEqual(yield* numbers(path), [], dtype)
      }
      for (const dtype of ["I64", "I32", "BOOL", "C64"]) {
        const name = "bert.encoder.layer.0.attention.self.key.weight"
        writeFileSync(path, typed(dtype, new Array({ I64: 8, I32: 4, BOOL: 1, C64: 8 }[dtype]!).fill(0), "[1]", name))
        const said = `${path}: ${name} is of type ${dtype}: weights are floating-point numbers; give those in float32, float16 or bfloat16`
        assert.strictEqual(yield* refusal(path), said)
      }
      for (const dtype of ["F8_E4M3", "F8_E5M2", "I8", "U8"]) {
        writeFileSync(path, typed(dtype, [1, 2], "[2]"))
        const said = `${path}: x.weight is of type ${dtype}: quantized weights are not read; give those in float32, float16 or bfloat16`
        assert.strictEqual(yield* refusal(path), said)
      }
      writeFileSync(path, typed("F4", [1], "[2]"))
      assert.match(yield* refusal(path), /x\.weight" has the unknown dtype "F4" \(known: BOOL, .*F64/)
    })
  )

  it.effect("in a file that was cut anywhere are refused, saying so", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "cut.safetensors")
      const bytes = part(...tensors.keys())
      for (let length = 0; length < bytes.length; length += 3) {
        writeFileSync(path, bytes.subarray(0, length))
        assert.include(yield* refusal(path), "was cut short", `${length} of ${bytes.length}`)
      }
    })
  )
})
