/** Returns the kind of a reason, without the details in its brackets: `truncated` of `truncated(300 bytes)`. */
export const reasonKind = (reason: string): string => reason.split("(", 1)[0]!

/** Returns the details of a reason: the text in its brackets. */
export const reasonDetail = (reason: string): string => reason.slice(reasonKind(reason).length).replace(/^\(|\)$/g, "")
