import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { FolderInUse, goneAfterSeconds, lockFolder } from "../../../lib/store/lock.ts"
import { thisProcess } from "../../../lib/store/process-identity.ts"

/** Starts a process that locks a folder; gives the process and the first line it prints. */
const holder = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const script = fileURLToPath(new URL("./hold-lock.ts", import.meta.url))
      const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] })
      const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve))
      return { child, line }
    }),
    ({ child }) => kill(child)
  )

const kill = (child: ChildProcess) =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGKILL")
    await exited
  })

const inUse = (folder: string) =>
  Effect.map(Effect.flip(Effect.scoped(lockFolder(folder))), (error) => {
    assert.instanceOf(error, FolderInUse)
    return error as FolderInUse
  })

layer(NodeServices.layer, { excludeTestServices: true })("lockFolder", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const left = (inside: string, change: object) =>
    writeFileSync(join(inside, ".lock"), JSON.stringify({ ...thisProcess(), nonce: "x", ...change }))

  it.effect("holds a folder until its scope closes, making it if need be, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const inside = join(yield* folder, "run")
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* lockFolder(inside)
          assert.deepStrictEqual(readdirSync(inside), [".lock"])
          const error = yield* inUse(inside)
          assert.strictEqual(error.pid, process.pid)
        })
      )
      assert.deepStrictEqual(readdirSync(inside), [])
      yield* Effect.scoped(lockFolder(inside))
    })
  )

  it.effect("refuses a second process, naming the first, and takes over once that was killed", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const first = yield* holder(inside)
      assert.strictEqual(first.line, "held")
      const started = JSON.parse(readFileSync(join(inside, ".lock"), "utf8")).started
      const words = `${inside}: in use by process ${first.child.pid}, started ${started}`
      assert.strictEqual((yield* inUse(inside)).message, words)
      const second = yield* holder(inside)
      assert.strictEqual(second.line, words)
      yield* kill(first.child)
      assert.isTrue(existsSync(join(inside, ".lock")))
      yield* Effect.scoped(lockFolder(inside))
      assert.deepStrictEqual(readdirSync(inside), [])
    })
  )

  it.effect("lets one of several processes that find a dead one's lock take it", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      left(inside, { pid: 2 ** 22 + 1 })
      const holders = yield* Effect.all([holder(inside), holder(inside), holder(inside)], { concurrency: 3 })
      assert.deepStrictEqual(holders.map(({ line }) => line === "held").toSorted(), [false, false, true])
    })
  )

  it.effect("takes over from a process whose number another has now", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      left(inside, {})
      assert.strictEqual((yield* inUse(inside)).pid, process.pid)
      if (thisProcess().ticks === null) return // no /proc here: only the number is known
      left(inside, { ticks: "1" })
      yield* Effect.scoped(lockFolder(inside))
    })
  )

  it.effect("waits for signs of life from another machine, container or boot", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      for (const elsewhere of [{ boot: "another" }, { space: "pid:[1]" }]) {
        left(inside, elsewhere)
        const error = yield* inUse(inside)
        assert.match(error.message, /, on another machine or in another container, last seen \d+ s ago$/)
        const past = new Date(Date.now() - (goneAfterSeconds + 2) * 1000)
        utimesSync(join(inside, ".lock"), past, past)
        yield* Effect.scoped(lockFolder(inside))
      }
    })
  )

  it.effect("takes over what a crash left of a lock, or of taking one over", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      for (const text of ["", "{", "[]"]) {
        writeFileSync(join(inside, ".lock"), text)
        writeFileSync(join(inside, ".lock.next"), text)
        yield* Effect.scoped(lockFolder(inside))
        assert.deepStrictEqual(readdirSync(inside), [])
      }
    })
  )

  it.effect("does not remove a lock that is no longer its own", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      yield* Effect.scoped(
        Effect.andThen(
          lockFolder(inside),
          Effect.sync(() => left(inside, { nonce: "theirs" }))
        )
      )
      assert.deepStrictEqual(readdirSync(inside), [".lock"])
    })
  )
})

layer(NodeServices.layer)("lockFolder, while held,", (it) => {
  it.effect("touches the lock every five seconds, for those who cannot look the process up", () =>
    Effect.gen(function* () {
      const inside = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      yield* lockFolder(inside)
      const touched = () => statSync(join(inside, ".lock")).mtimeMs
      // A touch is work of the operating system, which the test's clock does not wait for: seconds pass until one is seen.
      const next = (before: number) =>
        Effect.gen(function* () {
          while (touched() === before) {
            yield* TestClock.adjust("1 second")
            yield* Effect.promise(() => new Promise(setImmediate))
          }
          return touched()
        })
      const first = yield* next(touched())
      const second = yield* next(first)
      assert.isAtLeast(second - first, 5000)
      assert.isAtLeast((yield* next(second)) - second, 5000)
    })
  )
})
