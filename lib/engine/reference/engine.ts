import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import type { BufferSpec, Program } from "../../compiler/program.ts"
import { verify } from "../../compiler/verify.ts"
import { type Engine, EngineError, type EngineSession, type NamedNumbers } from "../engine.ts"
import { type BufferNumbers, emptyState, enqueue, feedsFault, widened, windowFault } from "../state.ts"
import { interpret } from "./interpret.ts"

const name = "reference"

const attempt = <A>(doing: string, f: () => A): Effect.Effect<A, EngineError> =>
  Effect.try({
    try: f,
    catch: (error) => new EngineError({ engine: name, doing, reason: error instanceof Error ? error.message : String(error) })
  })

const refuse = (fault: string | undefined): void => {
  if (fault !== undefined) throw new Error(fault)
}

const runOnce = (
  program: Program,
  state: Map<string, BufferNumbers>,
  buffers: { readonly [name: string]: BufferSpec },
  feeds: NamedNumbers
): NamedNumbers => {
  refuse(feedsFault(program, feeds))
  const made = interpret(program, ({ name, source }, size) =>
    "feed" in source ? widened(source, feeds[name]!) : state.get(source.buffer)!.subarray(source.offset, source.offset + size)
  )
  for (const update of program.updates) {
    const numbers = made.get(update.value)!
    if (update.kind === "replace") state.get(update.buffer)!.set(numbers, update.offset)
    else enqueue(state, update.buffer, buffers[update.buffer]!, numbers)
  }
  return Object.fromEntries(program.outputs.map((output) => [output.name, made.get(output.value)!]))
}

const session = (buffers: { readonly [name: string]: BufferSpec }): EngineSession => {
  const state = emptyState(buffers)
  let runSeconds = 0
  return {
    compile: (title, program) =>
      attempt(`compiling ${title}`, () => {
        const started = performance.now()
        verify(program, "trace", buffers)
        return {
          run: (feeds: NamedNumbers) =>
            attempt(`running ${title}`, () => {
              const before = performance.now()
              const outputs = runOnce(program, state, buffers, feeds)
              runSeconds += (performance.now() - before) / 1000
              return outputs
            }),
          compileSeconds: (performance.now() - started) / 1000
        }
      }),
    read: (buffer) =>
      attempt(`reading ${buffer}`, () => {
        const numbers = state.get(buffer)
        if (!numbers) throw new Error(`there is no buffer '${buffer}'`)
        return numbers.slice()
      }),
    write: (buffer, offset, numbers) =>
      attempt(`writing ${buffer}`, () => {
        refuse(windowFault(state, buffer, offset, numbers))
        state.get(buffer)!.set(numbers, offset)
      }),
    usage: Effect.sync(() => ({ peakBytes: process.resourceUsage().maxRSS * 1024, runSeconds }))
  }
}

/**
 * Interprets programs, as they are traced, on tfjs's CPU kernels in this thread: slow, and the reference for the other engines.
 */
export const reference: Engine = {
  name,
  version: `reference (tfjs ${tf.version_core})`,
  open: (buffers) => Effect.sync(() => session(buffers))
}
