import { ustarHeader } from "../../../../lib/data/tar/tar-header.ts"
import { memberHeader, tarEnd, writeTar } from "../../../../lib/data/tar/write-tar.ts"

const text = (content: string): Buffer => Buffer.from(content)
const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])

/** A member of some type, its link's target as given; what `ustarHeader` would refuse to write is written over it. */
const member = (name: string, bytes: Uint8Array, type = "0", target = ""): Buffer => {
  const header = Buffer.from(ustarHeader(name, bytes.length, type)!)
  header.write(target, 157, "latin1")
  return Buffer.concat([summed(header), padded(bytes)])
}

/** A header with its checksum made right. */
const summed = (header: Buffer): Buffer => {
  header.fill(32, 148, 156)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return header
}

const pax = (records: string): Buffer => member("PaxHeader", text(records), "x")
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`
  let length = rest.length + 1
  while (`${length}${rest}`.length !== length) length++
  return `${length}${rest}`
}

/**
 * Tars that mean harm or were made by mistake, each around two good samples, `good1` and `good2`; `image` is a whole image. Those
 * under `unreadable` cannot be read past the harm.
 */
export const hostileTars = (image: Uint8Array): { readonly [name: string]: Uint8Array } => {
  const good = (key: string) => [member(`${key}.jpg`, image), member(`${key}.txt`, text(`caption of ${key}`))]
  const around = (...harm: readonly Uint8Array[]) => Buffer.concat([...good("good1"), ...harm, ...good("good2"), tarEnd()])
  const pair = (name: string) => [
    Buffer.concat([...memberHeader(`${name}.jpg`, image.length), padded(image)]),
    Buffer.concat([...memberHeader(`${name}.txt`, 4), padded(text("evil"))])
  ]
  const bigSize = Buffer.from(ustarHeader("big.jpg", 0)!)
  bigSize.set([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 124)
  const negative = Buffer.from(ustarHeader("negative.jpg", 0)!)
  negative.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 124)
  return {
    "links to files outside": around(
      member("link.jpg", new Uint8Array(), "2", "/etc/passwd"),
      member("link.txt", new Uint8Array(), "1", "../../secret.txt"),
      member("folder", new Uint8Array(), "2", "/tmp"),
      ...pair("folder/through-the-link")
    ),
    "folders, pipes and devices": around(
      member("folder/", new Uint8Array(), "5"),
      member("pipe.jpg", new Uint8Array(), "6"),
      member("device.jpg", new Uint8Array(), "3"),
      member("device.txt", new Uint8Array(), "4")
    ),
    "absolute names": around(...pair("/tmp/semmim-evil"), ...pair("C:\\evil"), ...pair("\\\\server\\evil")),
    "names that leave the folder": around(...pair("../../semmim-evil"), ...pair("a/../../evil"), ...pair("a\\..\\..\\evil")),
    "long names": around(...pair("long/".repeat(500)), ...pair("x".repeat(300))),
    "a name of an object's parts": around(...pair("__proto__"), ...pair("constructor")),
    "repeated members": around(...good("good1"), member("good1.jpg", text("other")), member("same.jpg", image), ...pair("same")),
    "missing partners": around(member("alone.jpg", image), member("lonely.txt", text("no image")), member("nothing", text(""))),
    "json of other types": around(
      member("a.jpg", image),
      member("a.json", text("[[[[")),
      member("b.jpg", image),
      member("b.json", text('{"__proto__": {"polluted": 1}, "caption": 5}')),
      member("c.jpg", image),
      member("c.json", text("[".repeat(100_000)))
    ),
    "garbage behind the end": Buffer.concat([
      writeTar([
        { name: "good1.jpg", bytes: image },
        { name: "good1.txt", bytes: text("one") }
      ]),
      text("PK\u0003\u0004".repeat(500))
    ]),
    "an extended header of a gigabyte": around(summed(Buffer.from(ustarHeader("PaxHeader", 2 ** 30, "x")!))),
    "an extended header that says a size of 10¹⁵": around(pax(record("size", "1000000000000000")), member("a.jpg", image)),
    "an extended header with a path that leaves": around(pax(record("path", "../../semmim-evil.jpg")), member("a.jpg", image)),
    "ten thousand extended headers": around(...Array.from({ length: 10_000 }, () => pax(record("comment", "x")))),
    "a size beyond all numbers": around(summed(bigSize)),
    "a negative size": around(summed(negative)),
    "a wrong checksum": around(member("bad.jpg", image).fill(65, 0, 20)),
    "no end": Buffer.concat([...good("good1"), ...good("good2")]),
    "a break within an image": Buffer.concat([...good("good1"), member("good2.jpg", image).subarray(0, 700)]),
    "zeros alone": new Uint8Array(4096),
    nothing: new Uint8Array(0)
  }
}
