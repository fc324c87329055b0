import type { EmbeddedSet } from "../embedded/embedded-set.ts"
import { type EmojiSettings, emojiDefaults, emojiSource } from "./emoji-source.ts"
import { heldOutVendor } from "./vendor.ts"

const heldOut = { vendors: [heldOutVendor] } as const
const full = { population: "full", tags: true } as const

const set =
  (settings: Partial<EmojiSettings>): EmbeddedSet =>
  (name) =>
    emojiSource(name, { ...emojiDefaults, ...settings })

/** The data sets made of emoji. */
export const emojiSets = {
  /** The small set: six styles, without skin-tone variants, labels only. */
  emoji: set({}),
  /** The images held out of training on `emoji`. */
  "emoji-held-out": set(heldOut),
  /** 32 pairs of one vendor, for tests. */
  "emoji-tiny": set({ vendors: ["noto"], limit: 32 }),
  /** Every training pair, and captions with tags in addition to the labels. */
  "emoji-full": set(full),
  "emoji-full-held-out": set({ ...full, ...heldOut }),
  /** The pairs of `emoji` with each one's subgroup as its class, `label`. */
  "emoji-labels": set({ labels: true }),
  "emoji-labels-held-out": set({ labels: true, ...heldOut })
} as const satisfies Record<string, EmbeddedSet>
