import type { ReadIssue } from "../data/read-issues.ts"
import { byteAmount, many, share, whole } from "../inspect/amount.ts"
import type { Fault, Inspection } from "../inspect/inspection.ts"
import type { Spread } from "../inspect/spread.ts"
import type { Counted } from "../inspect/tally.ts"
import { figure } from "../log/figure.ts"
import { table } from "../log/table.ts"

/** Maximum number of rows shown of a table. */
const shown = 12
const faultsShown = 50

/** Control and bidirectional characters: names of files and members may contain terminal escape sequences. */
const controls = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu

const spreadRow = (name: string, spread: Spread | undefined, say: (value: number) => string = figure): readonly string[][] =>
  spread
    ? [
        [
          name,
          ...[spread.least, spread.quarter, spread.median, spread.threeQuarters, spread.most, spread.mean].map((v) => say(v))
        ]
      ]
    : []

const exampleOf = ({ example, detail }: Pick<Counted, "example" | "detail">): string =>
  detail === undefined ? example : `${example}: ${detail}`

const counted = (head: string, all: readonly Counted[], of: number): readonly string[] =>
  all.length === 0
    ? []
    : [
        "",
        table(
          [head, "count", "", "such as"],
          all.slice(0, shown).map(({ name, count, ...such }) => [name, whole(count), share(count, of), exampleOf(such)])
        ),
        ...(all.length > shown ? [`and ${all.length - shown} more`] : [])
      ]

const shardLines = ({ shards }: Inspection): readonly string[] => {
  if (!shards) return []
  const { pipeline, source, leftOut } = shards
  const from = [...(pipeline === undefined ? [] : [`for ${pipeline}`]), ...(source === undefined ? [] : [`from ${source}`])]
  const gone = leftOut.reduce((sum, { count }) => sum + count, 0)
  return [
    `${many(shards.shards, "shard")} of ${byteAmount(shards.bytes)}${from.length > 0 ? `, prepared ${from.join(" ")}` : ""}`,
    ...(gone > 0 ? [`${many(gone, "sample")} left out when they were prepared`, ...counted("left out", leftOut, gone)] : [])
  ]
}

const issueHeads = {
  bad: "left out when it was opened",
  noted: "read, but to be looked at",
  ignored: "ignored: no samples"
} as const

const issueTables = (issues: readonly ReadIssue[], when = ""): readonly string[] =>
  (["bad", "noted", "ignored"] as const).flatMap((kind) => {
    const own = issues.filter((issue) => issue.kind === kind)
    if (own.length === 0) return []
    const rows = own.slice(0, shown).map(({ reason, count, first }) => [reason, whole(count), first])
    const more = own.length > shown ? [`and ${own.length - shown} more`] : []
    return ["", table([`${issueHeads[kind]}${when}`, "count", "first"], rows), ...more]
  })

/** Explains how images that occur more than once under different groups are treated. */
const duplicateLine = ({ otherGroups, countAsOne }: Inspection["duplicates"]): readonly string[] => {
  if (otherGroups === 0) return []
  return countAsOne
    ? [
        "evaluation and shards count those as one image with all its captions (?group=sample tells them apart); training knows it from shards"
      ]
    : ["each counts as an image of its own (?group=sample)"]
}

/** Faults found by `--lint`, as a table; those beyond fifty are only counted. */
export const faultLines = (faults: readonly Fault[]): readonly string[] => [
  "",
  table(
    ["fault in", "what"],
    faults.slice(0, faultsShown).map(({ where, what }) => [where, what])
  ),
  ...(faults.length > faultsShown ? [`and ${faults.length - faultsShown} more`] : [])
]

/** Formats the contents of a source as text for a terminal. */
export const inspectionText = (inspection: Inspection): string => {
  const { name, count, looked, fields, labels, groups, images, captions, duplicates, failures, faults, samples } = inspection
  const part = looked < count ? `, ${whole(looked)} of them looked at, drawn at random` : ""
  const failed = failures.reduce((sum, each) => sum + each.count, 0)
  return [
    `${name}: ${many(count, "sample")}${part}`,
    ...(fields === "image (bytes), captions (strings)" ? [] : [`each with ${fields}`]),
    `${whole(groups)} groups, ${many(images.usable, "usable image")}, ${many(captions.count, "caption")} (${whole(captions.distinct)} different)`,
    ...shardLines(inspection),
    "",
    table(
      ["", "least", "25 %", "median", "75 %", "most", "mean"],
      [
        ...spreadRow("width", images.width),
        ...spreadRow("height", images.height),
        ...spreadRow("width / height", images.aspect),
        ...spreadRow("bytes", images.bytes, byteAmount),
        ...spreadRow("captions an image", captions.perImage),
        ...spreadRow("characters a caption", captions.characters),
        ...spreadRow("words a caption", captions.words)
      ]
    ),
    ...counted("format", images.formats, images.usable),
    ...counted("size", images.sizes, images.usable),
    ...counted("label", labels, looked),
    ...counted("language", captions.languages, captions.count),
    "",
    duplicates.images === 0
      ? "no image is there twice"
      : `${many(duplicates.images, "image")} the same as an earlier one, such as ${duplicates.examples.map(([id, first]) => `${id} = ${first}`).join(", ")}`,
    ...duplicateLine(duplicates),
    ...(failed === 0
      ? ["no sample failed"]
      : [`${many(failed, "sample")} cannot be used`, ...counted("failure", failures, failed)]),
    ...(images.tolerated.count > 0
      ? [
          `${many(images.tolerated.count, "image")} read although a strict decoder warns, such as ${images.tolerated.examples.join(", ")}`
        ]
      : []),
    ...issueTables(inspection.issues),
    ...issueTables(inspection.shards?.issues ?? [], " (of what it was prepared from)"),
    ...(samples.length > 0
      ? [
          "",
          table(
            ["sample", "", "captions"],
            samples.map(({ id, image, label, captions }) => [
              id,
              image ? `${image.format} ${image.width}×${image.height}` : "",
              [...(label === undefined ? [] : [`[${label}]`]), ...captions].join(" | ")
            ])
          )
        ]
      : []),
    ...(faults === undefined ? [] : faults.length === 0 ? ["", "lint: no faults"] : faultLines(faults))
  ]
    .join("\n")
    .replace(controls, "�")
}
