import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import type { Program } from "../../lib/compiler/program.ts"
import { trace } from "../../lib/compiler/trace.ts"
import { verify } from "../../lib/compiler/verify.ts"
import { forward } from "../../lib/model/forward.ts"
import { chain } from "../../lib/pipeline/pipeline.ts"
import type { ParameterSpecs, Sizes, TensorStage } from "../../lib/pipeline/stage.ts"
import { momentum } from "../../lib/pipeline/with-weights.ts"
import type { TensorField } from "../../lib/tensor/field.ts"
import { dualEncoder, encode, sizes } from "../../stages/encode/index.ts"
import { crossModal, fuse } from "../../stages/fuse/index.ts"
import { blockWise, mask, random, textGuided, tokens } from "../../stages/mask/index.ts"
import { goldenSizes, goldenStages } from "./golden.ts"
import { hostFields } from "./semmim-stages.ts"

const shape = (dims: readonly string[], sizes: Sizes): number[] =>
  dims.map((dimension) => {
    const [name, more] = dimension.split("+")
    return sizes[name!]! + Number(more ?? 0)
  })

/** A program of stages with their gradients: losses, and the gradient of each parameter of their sum. */
const traced = (stages: readonly TensorStage[], sizes: Sizes): Program =>
  trace((t) => {
    const record = <A>(of: (stage: TensorStage) => { readonly [name: string]: A }, make: (name: string, a: A) => tf.Tensor) =>
      Object.fromEntries(
        stages.flatMap((stage) =>
          Object.entries(of(stage)).map(([name, a]) => [`${stage.as}.${name}`, make(`${stage.as}.${name}`, a)])
        )
      )
    const specs: ParameterSpecs = Object.assign({}, ...stages.map((stage) => stage.parameters(sizes)))
    const parameters = (who: string) =>
      new Map(Object.entries(specs).map(([name, spec]) => [name, t.input(`${who}/${name}`, spec.shape, "float32")]))
    const [student, teacher] = [parameters("student"), parameters("teacher")]
    const inputs = {
      fields: Object.fromEntries(
        Object.entries<TensorField>(hostFields).map(([name, { dims, dtype }]) => [name, t.input(name, shape(dims, sizes), dtype)])
      ),
      parameters: (name: string) => student.get(name)!,
      teacher: (name: string) => teacher.get(name)!,
      noise: record(
        (stage) => stage.noise,
        (name, spec) => t.input(name, [sizes["batch"]!, ...shape(spec.dims, sizes)], spec.dtype)
      ),
      scalars: record(
        (stage) => stage.scalars,
        (name) => t.input(name, [], "float32")
      ),
      state: record(
        (stage) => stage.state(sizes),
        (name, spec) => t.input(name, spec.shape, spec.dtype)
      ),
      sizes
    }
    const all: Record<string, tf.Tensor> = {}
    const total = (): tf.Scalar => {
      const outcome = forward(stages, inputs)
      const last = Object.keys(stages.at(-1)!.adds).map((name) => [`field/${name}`, outcome.fields[name]!])
      Object.assign(all, outcome.losses, outcome.metrics, Object.fromEntries(last))
      const losses = Object.values(outcome.losses)
      return losses.length > 0 ? tf.addN(losses as tf.Scalar[]) : tf.scalar(0)
    }
    const { grads } = tf.engine().gradients(total, [...student.values()], undefined as never, true)
    const names = [...student.keys()]
    const gradients = grads.flatMap((gradient, i) => (gradient ? [[`gradient/${names[i]}`, gradient] as const] : []))
    return { outputs: { ...all, ...Object.fromEntries(gradients) } }
  })

const model = dualEncoder(sizes.tiny, { vocabulary: 200, maxPositions: 64 })
const teacherOf = (kind: "coAttention" | "connected") =>
  chain(hostFields)
    .pipe(momentum(encode({ model, passes: ["whole", "secondView"] })))
    .pipe(momentum(fuse({ fusion: crossModal(sizes.tiny, { kind }), passes: ["attention"] })))
const stagesOf = (chain: { readonly stages: readonly unknown[] }) => chain.stages as readonly TensorStage[]

const images = {
  "embedding, sampled": textGuided({ ratio: 0.5 }),
  "embedding, mixed": textGuided({ select: { mix: 0.5 } }),
  "embedding, none": textGuided({ ratio: 0 }),
  random: random(),
  "block-wise": blockWise()
}

describe("stages under trace", () => {
  it("the whole of SemMIM with its gradients is a valid program of known ops, with no large constant", () => {
    const program = verify(traced(goldenStages, goldenSizes), "trace")
    const constants = program.nodes.flatMap((node) => {
      const literal = node.attributes["literal"] as { readonly values?: { readonly length: number } } | undefined
      return literal?.values ? [literal.values.length] : []
    })
    assert.isAtMost(Math.max(...constants), 64)
    const names = new Set(program.nodes.map((node) => node.stage))
    for (const stage of goldenStages) assert.isTrue(names.has(stage.as), stage.as)
  })

  it.each(Object.entries(images))("masks by %s", (_, image) => {
    const stages = stagesOf(teacherOf("coAttention").pipe(mask({ image, text: tokens({ vocabulary: 200 }) }) as never))
    verify(traced(stages, goldenSizes), "trace")
  })

  it.each(["coAttention", "connected"] as const)("masks by the attention of %s, and by words", (kind) => {
    const attended = mask({ image: textGuided({ relevance: "crossAttention", select: "top" }) })
    verify(traced(stagesOf(teacherOf(kind).pipe(attended)), goldenSizes), "trace")
    verify(traced(stagesOf(teacherOf(kind).pipe(mask({ image: textGuided({ relevance: "words" }) }))), goldenSizes), "trace")
  })
})
