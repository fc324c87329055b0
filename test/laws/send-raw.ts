import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs"
import { Effect } from "effect"
import { localCredentials, localRegion } from "../../lib/aws/local-credentials.ts"

/** Sends a text as others may, unchecked and unescaped, to a queue of a local server. */
export const sendRaw = (url: string, body: string) =>
  Effect.promise(async () => {
    const endpoint = `http://127.0.0.1:${new URL(url).port}`
    const client = new SQSClient({ endpoint, credentials: localCredentials, region: localRegion })
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))
    client.destroy()
  })

/** Texts that are no jobs, each of which has to end in the dead letters after one reception. */
export const poison: readonly string[] = [
  "poison",
  "not JSON, nor ASCII: é ☕",
  '{"é": ',
  '"é"',
  "\ttab\n",
  '{"format":"semmim-job","version":1}',
  "null"
]
