import type { EmbeddedSet } from "../embedded/embedded-set.ts"
import { type EmojiSettings, emojiDefaults, emojiSource } from "./emoji-source.ts"
import { heldOutVendor } from "./vendor.ts"

const heldOut = { vendors: [heldOutVendor] } as const
const full = { population: "full", tags: true } as const

const set =
  (settings: Partial<EmojiSettings>): EmbeddedSet =>
  (name) =>
    emojiSource(name, { ...emojiDefaults, ...settings })

/** The data sets that are made of emoji. */
export const emojiSets = {
  /** The quick one: six styles, without skin-tone variants, labels only. */
  emoji: set({}),
  /** The images that training on `emoji` never sees. */
  "emoji-held-out": set(heldOut),
  /** 32 pairs of one vendor, for tests. */
  "emoji-tiny": set({ vendors: ["noto"], limit: 32 }),
  /** Every pair that may be trained on, and captions with tags beside the labels. */
  "emoji-full": set(full),
  "emoji-full-held-out": set({ ...full, ...heldOut }),
  /** The pairs of `emoji` with the subgroup of each as its class, `label`. */
  "emoji-labels": set({ labels: true }),
  "emoji-labels-held-out": set({ labels: true, ...heldOut })
} as const satisfies Record<string, EmbeddedSet>
