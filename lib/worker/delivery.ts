/** What is to become of a message that was handled. */
export type Delivery =
  /** Its output is committed, or nobody wants it: delete it. */
  | { readonly _tag: "Delete" }
  /** Put it back, to be received again in so many seconds. */
  | { readonly _tag: "Retry"; readonly seconds: number; readonly why: string }
  /** Send a fresh copy that is delayed, then delete it: waiting is no failed reception. */
  | { readonly _tag: "Again"; readonly seconds: number }
  /** Send it to the dead-letter queue, then delete it: why is in the store. */
  | { readonly _tag: "Dead"; readonly why: string }
