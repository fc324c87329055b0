/** Action on a message that was handled. */
export type Delivery =
  /** Its output is committed, or no longer needed: delete it. */
  | { readonly _tag: "Delete" }
  /** Put it back, to be received again after `seconds`. */
  | { readonly _tag: "Retry"; readonly seconds: number; readonly why: string }
  /** Send a delayed copy, then delete it: waiting does not count as a failed reception. */
  | { readonly _tag: "Again"; readonly seconds: number }
  /** Send it to the dead-letter queue, then delete it; the reason is in the store. */
  | { readonly _tag: "Dead"; readonly why: string }
