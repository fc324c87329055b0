import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { localQueue } from "../../lib/queue/local.ts"
import { fileBlobStore } from "../../lib/store/blob/file.ts"
import { seed } from "../seed.ts"
import { amongFaults } from "./among-faults.ts"
import { jumpingClock } from "./jumping-clock.ts"

const root = mkdtempSync(join(tmpdir(), "semmim-faults-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

amongFaults("fauxqs and a folder", Layer.merge(localQueue(), Layer.provide(fileBlobStore(root), NodeServices.layer)))

it.effect("the jumping clock's wall time jumps, and its monotonic time does not", () =>
  Effect.gen(function* () {
    const readings: number[] = []
    for (let i = 0; i < 40; i++) readings.push(yield* Clock.currentTimeMillis)
    assert.isAbove(new Set(readings).size, 2)
    const before = yield* Clock.monotonicTimeNanos
    assert.strictEqual(yield* Clock.monotonicTimeNanos, before)
  }).pipe(Effect.provide(jumpingClock(seed)))
)
