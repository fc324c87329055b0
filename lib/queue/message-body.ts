import { Result } from "effect"

/** Maximum bytes of one message, or of all messages of one request: 1 MiB. */
export const messageBytes = 1_048_576

const beyondAscii = /[\u007f-\uffff]/g
// After escaping only these remain; of the control characters SQS accepts tab, line feed and carriage return.
const carried = /^[\t\n\r\x20-\x7e]+$/

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Encodes a message's text for sending: JSON with all beyond ASCII written as `\uXXXX`, which parses to the same value and is
 * accepted by every server (some reject characters beyond the basic plane); or a text of ASCII alone, unchanged. Fails with the
 * reason, in words.
 */
export const messageBody = (body: string): Result.Result<string, string> => {
  const escaped = body.replace(beyondAscii, escapeUnit)
  if (body === "") return Result.fail("it is empty")
  if (escaped !== body && !isJson(body)) return Result.fail("it is beyond ASCII and not JSON")
  if (!carried.test(escaped)) return Result.fail("it has control characters")
  if (escaped.length > messageBytes) return Result.fail(`${escaped.length} bytes, ${messageBytes} at most`)
  return Result.succeed(escaped)
}

/**
 * Encodes a received text for sending again: unchanged, or as a JSON string of it where others sent a text that `messageBody`
 * refuses; `undefined` where that is too long.
 */
export const letterBody = (received: string): string | undefined => {
  const asItIs = messageBody(received)
  if (Result.isSuccess(asItIs)) return asItIs.success
  return Result.getOrUndefined(messageBody(JSON.stringify(received)))
}

/** Returns the name of a queue from its URL: the last part of its path. */
export const queueName = (url: string): string => url.slice(url.lastIndexOf("/") + 1)
