import { Logger } from "effect"

const spelled = (part: unknown): string => (typeof part === "string" ? part : JSON.stringify(part))

/** Logs to standard error, one line each, `warn: cache not used: …`; standard output is reserved for results. */
export const lineLogger = Logger.make(({ logLevel, message }) => {
  const text = (Array.isArray(message) ? message : [message]).map(spelled).join(" ")
  process.stderr.write(`${logLevel.toLowerCase()}: ${text.replace(/\s*\n\s*/g, " ").replace(/\p{Cc}/gu, "�")}\n`)
})
