/** Returns a cause's message on one line, cut at 300 characters, since errors are one line. */
export const oneLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/\s*\n\s*/g, " ").slice(0, 300)
