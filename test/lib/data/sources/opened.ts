import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { folderWith } from "./folder-with.ts"

/** A source that is opened: each sample as its id and captions, or the reason why it has none, and each issue in short. */
export const summaryOf = Effect.fnUntraced(function* (data: string) {
  const source = yield* openSource(data)
  const samples = yield* Effect.forEach(
    Array.from({ length: source.count }, (_, index) => index),
    (index) =>
      Effect.match(source.texts(index, "captions"), {
        onSuccess: (captions) => [source.id(index), ...captions],
        onFailure: ({ reason }) => [source.id(index), { reason }]
      })
  )
  const issues = source.issues.map(({ kind, reason, count, first }) => `${kind} ${count} × ${reason} (${first})`)
  return { source, samples, issues }
})

/** Opens a file of some content: its samples and issues, or the sentence that refuses it, after the file's name. */
export const openedText = Effect.fnUntraced(function* (content: string | Uint8Array, options = "", name = "list.txt") {
  // An image, so that no warning says that there are none.
  const folder = yield* folderWith({ [name]: content, "0.jpg": "", "p0.jpg": "", "a.jpg": "" })
  const opened = yield* Effect.result(summaryOf(`${folder}/${name}${options}`))
  if (opened._tag === "Failure") return opened.failure.message.replace(`${folder}/`, "")
  const { samples, issues } = opened.success
  return { samples, issues }
})

/** Opens a list in JSON: its text, or the value that it is written from. */
export const openedJson = (value: unknown) => openedText(typeof value === "string" ? value : JSON.stringify(value))
