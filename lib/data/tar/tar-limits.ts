/** Limits on the memory that an untrusted tar may make its reader use. */
export interface TarLimits {
  /** Maximum bytes of a member's content; a larger one is skipped. */
  readonly content: number
  /** Maximum bytes of a member's name; a member with a longer name is skipped. */
  readonly name: number
  /** Maximum bytes of an extended header; a larger one is an error, since what follows it cannot be known. */
  readonly extended: number
}

export const tarLimits: TarLimits = { content: 64 * 2 ** 20, name: 1024, extended: 64 * 2 ** 10 }
