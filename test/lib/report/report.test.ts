import { assert, describe, it } from "@effect/vitest"
import { report } from "../../../lib/report/report.ts"
import { sampleData } from "./data.ts"

describe("report", () => {
  const page = report(sampleData)

  it("is one page that runs no script and fetches nothing", () => {
    assert.isTrue(page.startsWith("<!doctype html>"))
    assert.notMatch(page, /<script|\son\w+=|@import|<link/)
    const sources = [...page.matchAll(/(?:src|xlink:href|href|url)(?:="|\()([^")]*)/g)].map((match) => match[1]!)
    const fetched = sources.filter((uri) => !uri.startsWith("data:") && !uri.startsWith("#"))
    assert.deepStrictEqual(fetched, ["https://example.org/?a=1&amp;b=2"]) // the link in the credits
  })

  it("shows texts as texts, whatever they hold", () => {
    assert.include(page, "<h1>&lt;b&gt;toy&lt;/b&gt;</h1>")
    assert.include(page, "&lt;i&gt;one&lt;/i&gt;")
    assert.include(page, "two &amp; two")
    assert.include(page, "&quot;quoted&quot;")
    assert.include(page, "A &lt;Person&gt;")
  })

  it("closes every element that it opens, in order", () => {
    const empty = new Set(["meta", "img", "image", "rect", "line", "circle", "path"])
    const open: string[] = []
    for (const [, close, name] of page.slice("<!doctype html>".length).matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)/g)) {
      if (close) assert.strictEqual(open.pop(), name)
      else if (!empty.has(name!)) open.push(name!)
    }
    assert.deepStrictEqual(open, [])
  })

  it("compares the teacher's entropy with the uniform distribution's", () => {
    assert.include(page, "ln 64 = 4.16, uniform")
  })

  it("marks what was right, names what is missing, and says what guessing gives", () => {
    assert.match(page, /<li class="right">[^<]*&lt;i&gt;one/)
    assert.include(page, "1 sample could not be used")
    assert.match(page, /guessing<\/th><td>25.0<\/td><td>100.0<\/td>/)
  })

  it("says how often samples were skipped, and why", () => {
    assert.match(page, /shard<\/th><td>12<\/td><td>a\/&lt;1&gt;: shard\(shard-000003.tar: missing\)/)
  })

  it("leaves out the sections that there is nothing for", () => {
    const bare = report({ ...sampleData, metrics: [], tasks: [], masks: [], attention: [], credits: [], skipped: [] })
    const sections = [...bare.matchAll(/<section id="(\w+)"/g)].map((match) => match[1])
    assert.deepStrictEqual(sections, ["facts"])
    assert.strictEqual([...page.matchAll(/<section id="(\w+)"/g)].length, 8)
  })
})
