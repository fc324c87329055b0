import { coAttention } from "./co-attention.ts"
import { connectedAttention } from "./connected-attention.ts"
import type { FusionKind } from "./fusion-kind.ts"
import { textStream } from "./text-stream.ts"

/** Kinds of fusion of two streams, by name. */
export const kinds = { coAttention, connected: connectedAttention, textStream } as const satisfies {
  readonly [name: string]: FusionKind
}
