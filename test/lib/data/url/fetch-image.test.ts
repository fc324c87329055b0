import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { fetchImage } from "../../../../lib/data/url/fetch-image.ts"
import { UrlPolicy, urlPolicyDefaults } from "../../../../lib/data/url/policy.ts"
import { folderWith } from "../sources/folder-with.ts"

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server on the loopback device, gone after the test; gives its port, and what it was asked for. */
const serving = Effect.fnUntraced(function* (handle: Handler) {
  const asked: string[] = []
  const server = yield* Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const made = createServer((request, response) => {
        asked.push(`${request.headers.host} ${request.url}`)
        handle(request, response)
      })
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (made) =>
      Effect.callback<void>((resume) => {
        made.closeAllConnections()
        made.close(() => resume(Effect.void))
      })
  )
  return { port: (server.address() as AddressInfo).port, asked }
})

const image: Handler = (_, response) => void response.end("image")
const open: UrlPolicy = {
  ...urlPolicyDefaults,
  allowed: true,
  alsoAllowed: ["127.0.0.1/32"],
  // No name leaves this machine.
  resolve: async () => ["127.0.0.1"]
}
const fetched = (url: string, changed: Partial<UrlPolicy> = {}) =>
  fetchImage(url).pipe(
    Effect.map((bytes) => new TextDecoder().decode(bytes)),
    Effect.catch(({ reason }) => Effect.succeed(reason)),
    Effect.provideService(UrlPolicy, { ...open, ...changed })
  )
const test = (name: string, body: Effect.Effect<void, unknown, import("effect").Scope.Scope>) =>
  it.live(name, () => body.pipe(Effect.scoped))

describe("fetchImage", () => {
  test(
    "fetches nothing unless a policy allows it",
    Effect.gen(function* () {
      const { port, asked } = yield* serving(image)
      const error = yield* Effect.flip(fetchImage(`http://127.0.0.1:${port}/`))
      assert.strictEqual(error.reason, "urls-off")
      assert.deepStrictEqual(asked, [])
    })
  )

  test(
    "gives the bytes of an http URL, and names itself",
    Effect.gen(function* () {
      let agent: string | undefined
      const { port } = yield* serving((request, response) => {
        agent = request.headers["user-agent"]
        response.end("image")
      })
      assert.strictEqual(yield* fetched(`http://images.example:${port}/a.jpg?b=1`), "image")
      assert.strictEqual(agent, "semmim")
    })
  )

  test(
    "refuses other schemes, credentials, and what is no URL",
    Effect.gen(function* () {
      const cases = {
        "file:///etc/passwd": "url-refused(file:)",
        "ftp://example.org/a": "url-refused(ftp:)",
        "data:image/png;base64,AAAA": "url-refused(data:)",
        "javascript:alert(1)": "url-refused(javascript:)",
        "http://user:secret@example.org/": "url-refused(credentials)",
        "/etc/passwd": "url-refused(no URL)",
        "": "url-refused(no URL)",
        "http://\u0000/": "url-refused(no URL)",
        [`http://example.org/${"a".repeat(9000)}`]: "url-refused(9019 characters)"
      }
      for (const [url, reason] of Object.entries(cases)) assert.strictEqual(yield* fetched(url), reason, url)
    })
  )

  test(
    "refuses every spelling of a local address, and asks nobody",
    Effect.gen(function* () {
      const { port, asked } = yield* serving(image)
      const hosts = ["127.0.0.1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "[::7f00:1]"]
      for (const host of [...hosts, "0.0.0.0", "169.254.169.254", "10.0.0.1", "192.168.0.1", "127。0。0。1"])
        assert.match(yield* fetched(`http://${host}:${port}/`, { alsoAllowed: [] }), /^address-refused\(/, host)
      assert.deepStrictEqual(asked, [])
    })
  )

  test(
    "refuses a name that has one local address among its public ones",
    Effect.gen(function* () {
      for (const addresses of [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1", "93.184.215.14"]])
        assert.match(
          yield* fetched("http://mixed.example/", { alsoAllowed: [], resolve: async () => addresses }),
          /^address-refused\(/
        )
      assert.strictEqual(yield* fetched("http://none.example/", { resolve: async () => [] }), "unknown-host")
      assert.strictEqual(
        yield* fetched("http://none.example/", { resolve: () => Promise.reject(new Error("no")) }),
        "unknown-host"
      )
    })
  )

  test(
    "resolves a name once and connects to what was checked, whatever the name means by then",
    Effect.gen(function* () {
      const { port, asked } = yield* serving(image)
      let resolved = 0
      const resolve = async () => (resolved++ === 0 ? ["127.0.0.1"] : ["10.0.0.1"])
      assert.strictEqual(yield* fetched(`http://rebinding.example:${port}/`, { resolve }), "image")
      assert.strictEqual(resolved, 1)
      assert.deepStrictEqual(asked, [`rebinding.example:${port} /`])
    })
  )

  test(
    "follows redirects, checking each as the first, up to a number",
    Effect.gen(function* () {
      const { port } = yield* serving((request, response) => {
        const [, kind] = request.url!.split("/")
        const to: Record<string, string> = {
          good: "/image",
          local: "http://10.0.0.1/",
          hidden: `http://[::ffff:7f00:2]:${port}/`,
          file: "file:///etc/passwd",
          name: `http://inside.example:${port}/image`,
          loop: "/loop"
        }
        if (kind === "nowhere") response.writeHead(302).end()
        else if (to[kind!] !== undefined) response.writeHead(302, { location: to[kind!] }).end()
        else response.end("image")
      })
      const resolve = async (host: string) => (host === "inside.example" ? ["192.168.0.7"] : ["127.0.0.1"])
      const at = (path: string) => fetched(`http://a.example:${port}/${path}`, { resolve })
      assert.strictEqual(yield* at("good"), "image")
      assert.strictEqual(yield* at("local"), "address-refused(private)")
      assert.strictEqual(yield* at("hidden"), "address-refused(loopback)")
      assert.strictEqual(yield* at("name"), "address-refused(private)")
      assert.strictEqual(yield* at("file"), "url-refused(file:)")
      assert.strictEqual(yield* at("loop"), "too-many-redirects(5)")
      assert.strictEqual(yield* at("nowhere"), "redirect-without-location")
    })
  )

  test(
    "leaves out what its server does not want to be learnt from",
    Effect.gen(function* () {
      const { port } = yield* serving((request, response) => {
        const tag = decodeURIComponent(request.url!.slice(1))
        response.setHeader("X-Robots-Tag", tag.split("|"))
        response.end("image")
      })
      const tagged = (tag: string) => fetched(`http://a.example:${port}/${encodeURIComponent(tag)}`)
      assert.strictEqual(yield* tagged("noindex|noai"), "opted-out(noai)")
      assert.strictEqual(yield* tagged("semmim: noimageai"), "opted-out(noimageai)")
      assert.strictEqual(yield* tagged("otherbot: noai"), "image")
    })
  )

  test(
    "stops at the limits of bytes and time, and names statuses and broken answers",
    Effect.gen(function* () {
      const { port } = yield* serving((request, response) => {
        switch (request.url) {
          case "/promised":
            return void response.writeHead(200, { "content-length": "1000" }).write("x")
          case "/endless": {
            const more = (): void => void (response.destroyed || response.write("x".repeat(64), () => setImmediate(more)))
            return more()
          }
          case "/packed":
            return void response.writeHead(200, { "content-encoding": "gzip" }).end("x")
          case "/drip":
            return void response.write("x")
          case "/cut":
            return void response.writeHead(200, { "content-length": "50" }).write("x", () => response.destroy())
          case "/silent":
            return
          case "/header":
            return void response.writeHead(200, { "x-long": "x".repeat(50_000) }).end("x")
          default:
            return void response.writeHead(404).end("none")
        }
      })
      // Time is short only where it has to run out.
      const at = (path: string, timeoutSeconds = 20) =>
        fetched(`http://a.example:${port}/${path}`, { maxBytes: 500, timeoutSeconds })
      assert.strictEqual(yield* at("promised"), "too-large(1000 bytes)")
      assert.strictEqual(yield* at("endless"), "too-large(over 500 bytes)")
      assert.strictEqual(yield* at("packed"), "content-encoding(gzip)")
      assert.strictEqual(yield* at("drip", 0.3), "timeout")
      assert.strictEqual(yield* at("silent", 0.3), "timeout")
      assert.strictEqual(yield* at("cut"), "cut-off")
      assert.strictEqual(yield* at("gone"), "status(404)")
      assert.strictEqual(yield* at("header"), "unreachable(HPE_HEADER_OVERFLOW)")
      assert.strictEqual(yield* fetched("http://a.example:1/"), "unreachable(ECONNREFUSED)")
      assert.strictEqual(
        yield* fetched("http://a.example/", { resolve: () => new Promise(() => {}), timeoutSeconds: 0.1 }),
        "timeout"
      )
    })
  )
})

describe("a list with URLs", () => {
  test(
    "reads images when they are asked for, by URL or from its folder each, and names what was not fetched by id and reason",
    Effect.gen(function* () {
      const { port } = yield* serving((request, response) =>
        request.url === "/0" ? image(request, response) : void response.writeHead(410).end()
      )
      const urls = [`http://a.example:${port}/0`, ` http://a.example:${port}/1?token=secret`]
      const orders = [
        [urls[0], "p.jpg", urls[1]],
        ["p.jpg", ...urls],
        [...urls, "p.jpg"]
      ]
      for (const order of orders) {
        const entries = order.map((image) => ({ image, caption: "a private caption" }))
        const folder = yield* folderWith({ "list.json": JSON.stringify(entries), "p.jpg": "P" })
        const source = yield* openSource(`${folder}/list.json`)
        const [first, local, second] = [urls[0]!, "p.jpg", urls[1]!].map((name) => order.indexOf(name))
        assert.strictEqual(Buffer.from((yield* source.sample(local!)).image).toString(), "P")
        assert.strictEqual(source.id(local!), "p.jpg")
        const off = yield* Effect.flip(source.sample(first!))
        assert.deepStrictEqual([off.id, off.reason], [source.id(first!), "urls-off"])
        assert.match(off.id, /^url-[0-9a-f]{16}$/)
        const on = <A, E>(effect: Effect.Effect<A, E>) => Effect.provideService(effect, UrlPolicy, open)
        const { image: bytes, captions } = yield* on(source.sample(first!))
        assert.deepStrictEqual([new TextDecoder().decode(bytes), captions], ["image", ["a private caption"]])
        const gone = yield* on(Effect.flip(source.sample(second!)))
        assert.deepStrictEqual([gone.id, gone.reason], [source.id(second!), "status(410)"])
        assert.notMatch(gone.message, /secret|private/)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
