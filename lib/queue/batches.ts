import { messageBytes } from "./message-body.ts"

const requestMessages = 10

/** Splits messages into requests within SQS's limits, in order: at most ten messages and 1 MiB (of ASCII) each. */
export const batches = <A extends { readonly body: string }>(messages: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> => {
  const made: A[][] = []
  let bytes = 0
  for (const message of messages) {
    const last = made.at(-1)
    if (last === undefined || last.length === requestMessages || bytes + message.body.length > messageBytes) {
      made.push([message])
      bytes = message.body.length
    } else {
      last.push(message)
      bytes += message.body.length
    }
  }
  return made
}
