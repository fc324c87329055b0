import { Effect, Exit, Scope } from "effect"
import { trace } from "../../lib/compiler/trace.ts"
import type { Engine, EngineSession, Executable, NamedNumbers } from "../../lib/engine/engine.ts"
import { forward } from "../../lib/model/forward.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import type { NamedValues, Prepare, Values } from "./run-stage.ts"

interface Compiled {
  readonly executable: Executable
  readonly outputs: { readonly [name: string]: Omit<Values, "data"> }
}

/** The program of one stage, and the types of what it gives. */
const programOf = (stage: TensorStage, sizes: { readonly [name: string]: number }, fields: NamedValues, noise: NamedValues) => {
  const outputs: Record<string, Omit<Values, "data">> = {}
  const nothing = (name: string): never => {
    throw new Error(`there is no parameter '${name}'`)
  }
  const program = trace((t) => {
    const inputs = (values: NamedValues, prefix = "") =>
      Object.fromEntries(Object.entries(values).map(([name, v]) => [prefix + name, t.input(prefix + name, v.shape, v.dtype)]))
    const given = { parameters: nothing, teacher: nothing, scalars: {}, state: {}, sizes }
    const outcome = forward([stage], { ...given, fields: inputs(fields), noise: inputs(noise, `${stage.as}.`) })
    const added = Object.keys(stage.adds).map((name) => [name, outcome.fields[name]!] as const)
    for (const [name, { dtype, shape }] of added) outputs[name] = { dtype: dtype as Values["dtype"], shape: [...shape] }
    return { outputs: Object.fromEntries(added) }
  })
  return { program, outputs }
}

const numbers = ({ dtype, data }: Values) =>
  dtype === "float32" ? Float32Array.from(data) : dtype === "int32" ? Int32Array.from(data) : Uint8Array.from(data)

/** Stages run as programs on an engine; a program is compiled once. `close` ends the engine's session. */
export const onEngine = (engine: Engine): { readonly prepare: Prepare; readonly close: () => Promise<void> } => {
  const scope = Effect.runSync(Scope.make())
  let session: Promise<EngineSession> | undefined
  const compiled = new Map<string, Promise<Compiled>>()
  const compile = async (id: string, stage: TensorStage, ...rest: Tail<Parameters<typeof programOf>>): Promise<Compiled> => {
    session ??= Effect.runPromise(engine.open({}, { threads: 1 }).pipe(Effect.provideService(Scope.Scope, scope)))
    const { program, outputs } = programOf(stage, ...rest)
    return { executable: await Effect.runPromise((await session).compile(id, program)), outputs }
  }
  const prepare: Prepare = (stage, sizes) => async (fields, noise) => {
    const id = JSON.stringify([stage.stage, stage.settings, sizes])
    const ready = compiled.get(id) ?? compile(id, stage, sizes, fields, noise)
    compiled.set(id, ready)
    const { executable, outputs } = await ready
    const feeds: NamedNumbers = Object.fromEntries([
      ...Object.entries(fields).map(([name, values]) => [name, numbers(values)] as const),
      ...Object.entries(noise).map(([name, values]) => [`${stage.as}.${name}`, numbers(values)] as const)
    ])
    const made = await Effect.runPromise(executable.run(feeds))
    return Object.fromEntries(Object.entries(outputs).map(([name, type]) => [name, { ...type, data: made[name]! }]))
  }
  return { prepare, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never
