import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { indexTar } from "../../../../lib/data/tar/index-tar.ts"
import { type ReadTarOptions, readTar } from "../../../../lib/data/tar/read-tar.ts"
import type { SkippedMember } from "../../../../lib/data/tar/scan-tar.ts"
import { TarError } from "../../../../lib/data/tar/tar-error.ts"
import { ustarHeader } from "../../../../lib/data/tar/tar-header.ts"
import { tarLimits } from "../../../../lib/data/tar/tar-limits.ts"
import { type TarFile, tarEnd, tarPieces, writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { seed } from "../../../seed.ts"

/** Bytes cut into pieces of the given sizes, over and over. */
const cut = (bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

const readAll = (bytes: Uint8Array, options: ReadTarOptions = {}, sizes: readonly number[] = [1000]) =>
  Effect.runPromise(Effect.result(Stream.runCollect(readTar(Stream.fromIterable(cut(bytes, sizes)), options))))

const entriesOf = async (bytes: Uint8Array, options: ReadTarOptions = {}, sizes?: readonly number[]) => {
  const read = await readAll(bytes, options, sizes)
  if (read._tag === "Failure") throw read.failure
  return read.success
}

const problemOf = async (bytes: Uint8Array): Promise<string> => {
  const read = await readAll(bytes)
  if (read._tag === "Success") return ""
  assert.instanceOf(read.failure, TarError)
  return read.failure.message
}

const reader = (bytes: Uint8Array) => (offset: number, length: number) =>
  Effect.succeed(bytes.subarray(offset, Math.min(bytes.length, offset + length)))

const name = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_é漢-]{1,60}$/), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"))
const file = fc.record({ name, bytes: fc.uint8Array({ maxLength: 1500 }) })

/** A member with a header of one's own. */
const member = (header: string, type: string, body: Uint8Array = new Uint8Array()): readonly Uint8Array[] => [
  ustarHeader(header, body.length, type)!,
  body,
  new Uint8Array((512 - (body.length % 512)) % 512)
]
const joined = (...pieces: ReadonlyArray<readonly Uint8Array[]>): Uint8Array =>
  new Uint8Array(Buffer.concat([...pieces.flat(), tarEnd()]))
const text = (content: string) => new TextEncoder().encode(content)

/** A header with other bytes for its name, and the checksum that is right for them. */
const renamed = (header: Uint8Array, name: string): Uint8Array => {
  const block = Buffer.from(header)
  block.fill(0, 0, 100).write(name, 0, "latin1")
  block.fill(32, 148, 156)
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "latin1"
  )
  return block
}
const plain: TarFile = { name: "a.txt", bytes: text("hello") }

describe("a tar", () => {
  it("gives back the files that were put in, whatever the pieces it comes in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
        async (files, sizes) => {
          const bytes = writeTar(files)
          const read = await entriesOf(bytes, {}, sizes)
          assert.deepStrictEqual(
            read.map(({ name, bytes }) => ({ name, bytes })),
            files
          )
          for (const { offset, size, bytes: content } of read) assert.deepStrictEqual(bytes.slice(offset, offset + size), content)
        }
      ),
      { seed, numRuns: 150 }
    )
  })

  it("is indexed without its contents, in the same places, whatever is read at a time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 6 }), fc.integer({ min: 1, max: 5000 }), async (files, window) => {
        const bytes = writeTar(files)
        const { places } = await Effect.runPromise(indexTar(reader(bytes), { size: bytes.length, window }))
        const read = await entriesOf(bytes)
        assert.deepStrictEqual(
          places,
          read.map(({ name, size, offset }) => ({ name, size, offset }))
        )
      }),
      { seed, numRuns: 100 }
    )
  })

  it("is the same bytes for the same files: mode 0644, owner and time 0, whole blocks", () => {
    const bytes = writeTar([plain])
    assert.deepStrictEqual(bytes, new Uint8Array(Buffer.concat([...tarPieces([plain])])))
    assert.strictEqual(bytes.length, 4 * 512)
    assert.strictEqual(
      Buffer.from(bytes.subarray(100, 156)).toString("latin1").replaceAll("\0", "|"),
      "0000644|0000000|0000000|00000000005|00000000000|010161| "
    )
  })

  it("refuses to write names and sizes that it cannot say", () => {
    for (const wrong of ["", "a\0b"]) assert.throws(() => writeTar([{ name: wrong, bytes: new Uint8Array() }]), RangeError)
    assert.throws(() => ustarHeader("x", 2 ** 33), RangeError)
    assert.throws(() => ustarHeader("x", 1.5), RangeError)
  })

  it("leaves out what is no regular file, with the reason, and hands names over as they are", async () => {
    const skipped: SkippedMember[] = []
    // A name whose bytes are not UTF-8, as tars of old have them.
    const latin1Named = member("cafe.txt", "0", text("x")).map((each, i) => (i === 0 ? renamed(each, "caf\xe9.txt") : each))
    const bytes = joined(
      member("link", "2"),
      member("hard", "1"),
      member("folder/", "5"),
      member("device", "3"),
      member("pipe", "6"),
      member("what", "Z", text("?")),
      member("sparse", "S", text("holes")),
      member("/etc/passwd", "0", text("x")),
      member("a/../../b", "0", text("x")),
      member("C:\\windows", "0", text("x")),
      latin1Named,
      member("a.txt", "0", text("hello"))
    )
    const read = await entriesOf(bytes, { onSkipped: (one) => skipped.push(one) })
    assert.deepStrictEqual(
      read.map((entry) => entry.name),
      ["/etc/passwd", "a/../../b", "C:\\windows", "caf\u00e9.txt", "a.txt"]
    )
    assert.deepStrictEqual(
      skipped.map(({ name, reason }) => `${name}: ${reason}`),
      ["link: link", "hard: link", "folder/: folder", "device: device", "pipe: pipe", 'what: unknown-type("Z")', "sparse: sparse"]
    )
  })

  it("reads GNU's long names and pax names and sizes, and skips names and contents beyond the limits", async () => {
    const long = `${"d/".repeat(200)}x.jpg`
    const record = `path=${long}\n`
    const gnu = member("././@LongLink", "L", text(`${long}\0`))
    const pax = member("pax", "x", text(`${record.length + 5} ${record}`.replace(/^\d+/, String(record.length + 4))))
    const skipped: string[] = []
    const read = await entriesOf(
      joined(
        gnu,
        member("short", "0", text("1")),
        pax,
        member("short", "0", text("2")),
        member("././@LongLink", "L", text("y".repeat(2000))),
        member("short", "0", text("3")),
        member("large", "0", new Uint8Array(3000)),
        member("last", "\0", text("4"))
      ),
      { limits: { ...tarLimits, content: 2000 }, onSkipped: ({ reason }) => skipped.push(reason) }
    )
    assert.deepStrictEqual(
      read.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
      [
        [long, "1"],
        [long, "2"],
        ["last", "4"]
      ]
    )
    assert.deepStrictEqual(skipped, ["long-name(2000 bytes)", "too-large(3000 bytes)"])
  })

  it("says where it is damaged: wrong checksums, extended headers that are none or bombs", async () => {
    const damaged = writeTar([plain, plain])
    damaged[1024] = 0x62
    assert.strictEqual(await problemOf(damaged), "tar: no tar header (checksum) at byte 1024")
    assert.strictEqual(
      await problemOf(joined(member("pax", "x", new Uint8Array(100_000)), member("a", "0"))),
      "tar: an extended header of 100000 bytes at byte 0"
    )
    for (const record of ["7 path=x\n", "-4 a=b\n", "8 path\n", "99999999999 a=b\n", "12 size=12a\n", "1e1 path=x\n"])
      assert.match(await problemOf(joined(member("pax", "x", text(record)), member("a", "0"))), /extended header that is none/)
    assert.match(await problemOf(text("not a tar at all, ".repeat(60))), /no tar header/)
  })

  it("cut anywhere gives the files before the cut, and an error unless the cut is between members", async () => {
    const files = [plain, { name: "b", bytes: new Uint8Array(700).fill(7) }]
    const bytes = writeTar(files)
    const whole = [0, 512, 1024, 1536]
    for (let end = 0; end < bytes.length - 1024; end++) {
      const entries: string[] = []
      const read = await Effect.runPromise(
        Effect.result(
          Stream.runForEach(readTar(Stream.fromIterable(cut(bytes.subarray(0, end), [600]))), (entry) =>
            Effect.sync(() => entries.push(entry.name))
          )
        )
      )
      const complete = [517, 1536 + 700].filter((last) => last <= end).length
      assert.strictEqual(entries.length, complete, `cut at ${end}`)
      const between = end === 0 || (end >= 517 && end <= 1024) || end >= 1536 + 700
      assert.strictEqual(read._tag === "Success", between, `cut at ${end}`)
      const indexed = await Effect.runPromise(Effect.result(indexTar(reader(bytes.subarray(0, end)), { size: end })))
      assert.strictEqual(indexed._tag, read._tag, `index of a cut at ${end}`)
    }
    assert.lengthOf(whole, 4)
  })

  it("ends at zeros, so what comes after does not matter, and random bytes neither crash nor hang the reader", async () => {
    const garbage = new Uint8Array(Buffer.concat([writeTar([plain]), Buffer.from("garbage".repeat(100))]))
    assert.lengthOf(await entriesOf(garbage), 1)
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 4000 }),
        fc.integer({ min: 0, max: 1600 }),
        fc.integer({ min: 0, max: 255 }),
        async (noise, at, byte) => {
          await readAll(noise)
          const bytes = writeTar([plain, { name: "b".repeat(300), bytes: text("x") }])
          bytes[at] = byte
          const read = await readAll(bytes)
          if (read._tag === "Failure") assert.notInclude(read.failure.message, "\n")
        }
      ),
      { seed, numRuns: 200 }
    )
  })
})
