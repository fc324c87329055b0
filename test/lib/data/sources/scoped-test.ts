import { NodeServices } from "@effect/platform-node"
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"

/** Defines a test that needs a file system, and whose temporary folders are removed at its end. */
export const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
  it.effect(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
