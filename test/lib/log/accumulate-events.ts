import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { decodeMessage, decodeRecords, type Message } from "./decode-events.ts"

const message = (bytes: unknown): Message => decodeMessage(bytes as Uint8Array)
const number = (from: Message, field: number): number => (from.get(field)?.[0] ?? 0) as number

/**
 * The steps of each tag in a folder, as TensorBoard's EventAccumulator comes to them: files in the order of their names, and at a
 * session's start everything of its step and later ones is dropped.
 */
export const accumulatedSteps = (folder: string): ReadonlyMap<string, readonly number[]> => {
  const steps = new Map<string, number[]>()
  const files = readdirSync(folder).filter((name) => name.includes("tfevents"))
  for (const file of files.sort()) {
    for (const record of decodeRecords(readFileSync(join(folder, file)))) {
      const event = message(record)
      const step = number(event, 2)
      for (const log of event.get(7) ?? [])
        if (number(message(log), 1) === 1)
          for (const [tag, seen] of steps)
            steps.set(
              tag,
              seen.filter((each) => each < step)
            )
      for (const summary of event.get(5) ?? [])
        for (const value of message(summary).get(1) ?? []) {
          const tag = new TextDecoder().decode(message(value).get(1)![0] as Uint8Array)
          steps.set(tag, [...(steps.get(tag) ?? []), step])
        }
    }
  }
  return steps
}
