import { type KernelFacts, type Overwritable, overwriteCandidates } from "../../compiler/onnx/overwriting.ts"
import { sizeOf } from "../../compiler/program.ts"
import { type ProbeCase, probeGraph, probeShapes } from "./probe-cases.ts"
import { probeOrder } from "./probe-order.ts"
import type { LoadGraph, ProbeTensors } from "./probe-session.ts"

const largest = Math.max(...probeShapes.map(sizeOf))
/** Numbers between .1 and 1.1. */
const pattern = Float32Array.from({ length: 2 * largest }, (_, i) => 0.1 + ((i * 0.618034) % 1))

/** Returns elements that no two inputs share. */
const numbersFor = (shape: readonly number[], seed: number): Float32Array => {
  const from = (seed * 97) % largest
  return pattern.slice(from, from + sizeOf(shape))
}

const feedsOf = (cases: readonly ProbeCase[]): ProbeTensors =>
  new Map(
    cases.flatMap(({ inputs }, k) =>
      inputs.map(({ name, shape }, i) => [name, { numbers: numbersFor(shape, 3 * k + i), shape }] as const)
    )
  )

const sameBits = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

/** Returns the cases of one size whose results change when they overwrite the input. */
const failures = async (load: LoadGraph, table: Overwritable, size: readonly [number, number]): Promise<readonly ProbeCase[]> => {
  const { graph, cases } = probeGraph(table, size)
  const session = await load(graph)
  const results = (place: (one: ProbeCase) => Float32Array): ProbeTensors =>
    new Map(cases.map((one) => [one.output.name, { numbers: place(one), shape: one.output.shape }]))
  const apart = results(({ output }) => new Float32Array(sizeOf(output.shape)))
  await session.run(feedsOf(cases), apart)
  const feeds = feedsOf(cases)
  const over = results((one) => feeds.get(one.node.input[one.over]!)!.numbers)
  await session.run(feeds, over)
  await session.release()
  return cases.filter(({ output }) => !sameBits(apart.get(output.name)!.numbers, over.get(output.name)!.numbers))
}

/**
 * Tests on this machine the two assumptions of memory planning: which of a table's inputs a kernel may overwrite with its result,
 * to the same bits at every size tried, and whether nodes run in the requested order. An input that fails once is never
 * overwritten.
 */
export const probeKernels = async (load: LoadGraph, table: Overwritable = overwriteCandidates): Promise<KernelFacts> => {
  const refused = new Set<string>()
  for (const size of probeShapes) for (const { op, over } of await failures(load, table, size)) refused.add(`${op} ${over}`)
  const overwritable = Object.fromEntries(
    Object.entries(table).map(([op, positions]) => [op, positions.filter((over) => !refused.has(`${op} ${over}`))])
  )
  return { overwritable, inOrder: await probeOrder(load) }
}
