import { compact } from "../log/compact.ts"
import { bareName } from "../model/logged-names.ts"
import type { StepGraph } from "./step-graph.ts"
import type { Pass } from "./step-passes.ts"

const escaped = (text: string): string => text.replaceAll('"', "#quot;")

/** Returns the text of a node: losses first, then fields, then the forward cost. */
const label = ({ fields, losses, flops }: Pass): string =>
  escaped(
    [
      ...losses.map((loss) => `<b>loss ${bareName(loss)}</b>`),
      fields.map((name) => bareName(name)).join("<br>"),
      flops >= 1e6 ? `<i>${compact(flops, "FLOP")}</i>` : ""
    ]
      .filter((line) => line !== "")
      .join("<br>")
  )

const shape = (pass: Pass): string =>
  pass.losses.length > 0 ? `(["${label(pass)}"])` : pass.weights === "none" ? `("${label(pass)}")` : `["${label(pass)}"]`

const styles = [
  "  classDef teacher stroke-dasharray:5 3,fill:#eef3fb,stroke:#5b7db1,color:#111",
  "  classDef frozen stroke-dasharray:2 4,fill:#f3f3f3,stroke:#888,color:#111",
  "  classDef student fill:#ffffff,stroke:#333,color:#111",
  "  classDef loss fill:#fdf1dc,stroke:#b8862d,color:#111",
  "  classDef stage fill:#fafafa,stroke:#bbb,color:#444",
  "  classDef none fill:#eef7ee,stroke:#5c8f5c,color:#111"
]

/**
 * Renders a step as a Mermaid flow chart (mermaid.js.org): a box for each stage, a node for each of its passes with the fields
 * and losses that it adds and its forward FLOPs for a sample; passes with the teacher's or frozen weights are dashed.
 */
export const mermaid = ({ sources, passes, arrows }: StepGraph): string => {
  const stages = [...Map.groupBy([...passes.keys()], (i) => passes[i]!.stage)]
  const boxes = stages.flatMap(([stage, indices], i) => [
    `  subgraph g${i}["${escaped(stage)}"]`,
    ...indices.map((index) => `    p${index}${shape(passes[index]!)}`),
    "  end"
  ])
  const name = (end: number | "source"): string => (end === "source" ? "source" : `p${end}`)
  const losses = passes.flatMap(({ losses }) => losses)
  const total = losses.length > 1 ? [`  total(["<b>loss</b> = ${escaped(losses.map(bareName).join(" + "))}"])`] : []
  const ends = passes.flatMap((pass, i) => (pass.losses.length > 0 ? [name(i)] : []))
  const classes = [...Map.groupBy([...passes.keys()], (i) => (passes[i]!.losses.length > 0 ? "loss" : passes[i]!.weights))]
  const into = [...Map.groupBy(arrows, ({ to }) => to)]
  return [
    "flowchart TD",
    `  source[("${escaped(sources.join("<br>"))}")]`,
    ...boxes,
    ...total,
    ...into.map(([to, arrows]) => `  ${arrows.map(({ from }) => name(from)).join(" & ")} --> ${name(to)}`),
    ...(total.length > 0 ? [`  ${ends.join(" & ")} -.-> total`] : []),
    ...styles,
    ...classes.map(([kind, indices]) => `  class ${indices.map(name).join(",")} ${kind}`),
    `  class ${stages.map((_, i) => `g${i}`).join(",")} stage`,
    ...(total.length > 0 ? ["  class total loss"] : [])
  ].join("\n")
}
