import { assert, describe, it } from "@effect/vitest"
import { mermaid } from "../../../lib/explain/mermaid.ts"
import { type StepGraph, stepGraph } from "../../../lib/explain/step-graph.ts"
import { albef } from "../../../pipelines/albef.ts"
import { semmim } from "../../../pipelines/semmim.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { vlmae } from "../../../pipelines/vlmae.ts"
import { toyPipeline } from "../../toy/pipeline.ts"

/** The fields and losses of the passes that lead to one. */
const into = ({ arrows, passes }: StepGraph, loss: string): readonly string[] => {
  const to = passes.findIndex(({ losses }) => losses.some((name) => name.endsWith(`.${loss}`)))
  return arrows
    .filter((arrow) => arrow.to === to)
    .flatMap(({ from, fields }) => (from === "source" ? [] : fields.map((name) => `${passes[from]!.stage}: ${name}`)))
    .sort()
}

describe("stepGraph", () => {
  it("has the passes of the method's table, at most thirty nodes, and no pass that leads to no loss", () => {
    const graph = stepGraph(semmim)
    assert.isAtMost(graph.passes.length + 2, 30)
    const passes = graph.passes.filter(({ fields }) => fields.some((name) => /(States|Image|Text)$/.test(name)))
    assert.deepStrictEqual(
      passes.map(({ stage, weights, fields }) => [stage, weights, fields.at(-1)]),
      [
        ["teacher.encode", "teacher", "teacher.textEmbedding"],
        ["teacher.encode", "teacher", "teacher.secondImage"],
        ["encode", "student", "textEmbedding"],
        ["encode", "student", "maskedImage"],
        ["encode", "student", "maskedText"],
        ["align", "student", "negativeTokenMask"],
        ["teacher.encode.maskedText", "teacher", "teacher.maskedText"],
        ["teacher.fuse", "teacher", "teacher.fusedImage"],
        ["teacher.fuse", "teacher", "teacher.fusedMaskedText"],
        ["fuse", "student", "fusedText"],
        ["fuse", "student", "fusedMaskedImage"],
        ["fuse", "student", "fusedMaskedText"],
        ["fuse", "student", "textOfNegativeText"]
      ]
    )
  })

  it("draws every recipe in at most thirty nodes, with all of its losses", () => {
    for (const [pipeline, losses] of [
      [albef, "itc itm mlm"],
      [vlmae, "itc itm mim mlm"]
    ] as const) {
      const { passes } = stepGraph(pipeline)
      assert.isAtMost(passes.length + 2, 30)
      const names = passes.flatMap((pass) => pass.losses.map((loss) => loss.slice(loss.lastIndexOf(".") + 1)))
      assert.strictEqual(names.sort().join(" "), losses)
    }
  })

  it("leads from the teacher's and the student's states to the losses that compare them", () => {
    const graph = stepGraph(tiny)
    assert.deepStrictEqual(into(graph, "mim"), ["fuse: fusedMaskedImage", "teacher.fuse: teacher.fusedImage"])
    assert.deepStrictEqual(into(graph, "itm"), ["fuse: fusedText", "fuse: textOfNegativeImage", "fuse: textOfNegativeText"])
  })

  it("counts the forward operations of each pass for a sample", () => {
    const [whole, second] = stepGraph(tiny).passes.filter(({ stage }) => stage === "teacher.encode")
    assert.isAbove(whole!.flops, second!.flops)
    assert.isAbove(second!.flops, 1e6)
  })
})

describe("mermaid", () => {
  it("draws a box for each stage and a node for each pass that leads to a loss", () => {
    assert.deepStrictEqual(
      mermaid(stepGraph(toyPipeline({ batch: 4, count: 6 })))
        .split("\n")
        .filter((line) => !line.includes("class")),
      [
        "flowchart TD",
        '  source[("id<br>captions")]',
        '  subgraph g0["letters"]',
        '    p0("letters")',
        "  end",
        '  subgraph g1["weigh"]',
        '    p1["weights"]',
        "  end",
        '  subgraph g2["judge"]',
        '    p2(["<b>loss weight</b>"])',
        "  end",
        "  source --> p0",
        "  p0 --> p1",
        "  p1 --> p2"
      ]
    )
  })
})
