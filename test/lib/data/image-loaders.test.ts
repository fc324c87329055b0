import { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import { imageLoaders, isImageFormat, sniffFormat } from "../../../lib/data/image-loaders.ts"

const ascii = (text: string) => new TextEncoder().encode(text)

describe("sniffFormat", () => {
  it("tells formats by their first bytes", () => {
    assert.strictEqual(sniffFormat(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)), "jpeg")
    assert.strictEqual(sniffFormat(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)), "png")
    assert.strictEqual(sniffFormat(ascii("RIFF....WEBPVP8 ")), "webp")
    assert.strictEqual(sniffFormat(ascii("GIF89a")), "gif")
    assert.strictEqual(sniffFormat(ascii("<?xml")), "markup")
    assert.strictEqual(sniffFormat(ascii("....WEBP<svg")), "unknown")
    assert.strictEqual(sniffFormat(new Uint8Array(0)), "unknown")
  })

  it("lets three of them through", () => {
    assert.deepStrictEqual(
      ["jpeg", "png", "webp", "gif", "tiff", "markup", "unknown"].filter((format) => isImageFormat(format)),
      ["jpeg", "png", "webp"]
    )
  })
})

const thread = new URL("../../toy/loader-thread.ts", import.meta.url)

/** Starts a thread that makes sure of the loaders, and waits until it has. */
const started = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(thread)
    worker.once("error", reject)
    worker.once("message", () => resolve(worker.terminate()))
  })

describe("imageLoaders", () => {
  it("refuses no image while other threads begin", async () => {
    const load = imageLoaders()
    const image = await load({ create: { width: 32, height: 32, channels: 3, background: "#123456" } })
      .jpeg()
      .toBuffer()
    let beginning = true
    const decoded = async () => {
      let count = 0
      for (; beginning; count++) await load(image).raw().toBuffer()
      return count
    }
    const decoders = [decoded(), decoded(), decoded()]
    for (let n = 0; n < 12; n++) await started()
    beginning = false
    for (const count of await Promise.all(decoders)) assert.isAbove(count, 0)
  })

  it("blocks every other loader for the whole process", async () => {
    const sharp = imageLoaders()
    const tiff = await sharp({ create: { width: 2, height: 2, channels: 3, background: "#fff" } })
      .tiff()
      .toBuffer()
    const refused = await sharp(tiff)
      .metadata()
      .then(
        () => "loaded",
        (error: Error) => error.message
      )
    assert.match(refused, /unsupported image format/)
    assert.strictEqual(imageLoaders(), sharp)
  })
})
