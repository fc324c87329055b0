/** The kind of a reason: without the particulars in its brackets, `truncated` of `truncated(300 bytes)`. */
export const reasonKind = (reason: string): string => reason.split("(", 1)[0]!

/** The particulars of a reason: what stands in its brackets. */
export const reasonDetail = (reason: string): string => reason.slice(reasonKind(reason).length).replace(/^\(|\)$/g, "")
