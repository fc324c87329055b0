/** Bounds on what a foreign tar may make its reader keep. */
export interface TarLimits {
  /** Bytes of a member's content; a larger one is skipped. */
  readonly content: number
  /** Bytes of a member's name; one with a longer name is skipped. */
  readonly name: number
  /** Bytes of an extended header; a larger one is an error, since what follows it cannot be known. */
  readonly extended: number
}

export const tarLimits: TarLimits = { content: 64 * 2 ** 20, name: 1024, extended: 64 * 2 ** 10 }
