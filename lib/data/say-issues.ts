import { Effect } from "effect"
import { issueLines } from "./read-issues.ts"
import type { Source } from "./source.ts"

/** Warns about a source's issues: at most three lines. */
export const sayIssues = ({ name, issues }: Pick<Source, "name" | "issues">) =>
  Effect.forEach(issueLines(name, issues), (line) => Effect.logWarning(line), { discard: true })
