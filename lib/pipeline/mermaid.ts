import type { Stage } from "./stage.ts"

const quoted = (text: string): string => `"${text.replaceAll('"', "#quot;")}"`

/**
 * Stages as a Mermaid flow chart (mermaid.js.org): a node per stage, an arrow from the stage that adds fields to each that reads
 * them, with the fields' names on it. Host stages are rounded, stages without gradient (momentum, frozen) are dashed.
 */
export const mermaid = (stages: readonly Stage[]): string => {
  const addedBy = new Map<string, string>()
  const nodes: string[] = []
  const arrows: string[] = []
  const fixed: string[] = []
  stages.forEach((stage, i) => {
    const node = `s${i}`
    nodes.push(`  ${node}${stage.kind === "host" ? `(${quoted(stage.as)})` : `[${quoted(stage.as)}]`}`)
    if (stage.kind === "tensor" && stage.weights !== "student") fixed.push(node)
    const from = new Map<string, string[]>()
    for (const field of Object.keys(stage.reads)) {
      const by = addedBy.get(field) ?? "source"
      from.set(by, [...(from.get(by) ?? []), field])
    }
    for (const [by, fields] of from) arrows.push(`  ${by} -->|${quoted(fields.join(", "))}| ${node}`)
    for (const field of Object.keys(stage.adds)) addedBy.set(field, node)
  })
  const dashed = fixed.length > 0 ? [`  classDef fixed stroke-dasharray: 4`, `  class ${fixed.join(",")} fixed`] : []
  return ["flowchart TD", `  source[(${quoted("source")})]`, ...nodes, ...arrows, ...dashed].join("\n")
}
