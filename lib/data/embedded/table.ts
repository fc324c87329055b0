import { emojiSets } from "../emoji/emoji-sets.ts"
import type { EmbeddedSet } from "./embedded-set.ts"

/** The embedded data sets, by the name after `embedded:`: a new one is a file that opens it and a line here. */
export const embedded = { ...emojiSets } as const satisfies Record<string, EmbeddedSet>
