import { Effect } from "effect"
import { DataError } from "./data-error.ts"
import { type EmojiSettings, emojiDefaults, emojiSource } from "./emoji/emoji-source.ts"
import { heldOutVendor } from "./emoji/vendor.ts"
import { mixtureSource } from "./sources/mixture.ts"
import { parseMixture } from "./sources/mixture-name.ts"
import { openLocation } from "./sources/open-location.ts"

/** The embedded data sets, by the name after `embedded:`. */
export const embedded = {
  /** The quick one: six styles, without skin-tone variants, labels only. */
  emoji: emojiDefaults,
  /** The images that training on `emoji` never sees. */
  "emoji-held-out": { ...emojiDefaults, vendors: [heldOutVendor] },
  /** 32 pairs of one vendor, for tests. */
  "emoji-tiny": { ...emojiDefaults, vendors: ["noto"], limit: 32 },
  /** Every pair that may be trained on, and captions with tags beside the labels. */
  "emoji-full": { ...emojiDefaults, population: "full", tags: true },
  "emoji-full-held-out": { ...emojiDefaults, population: "full", tags: true, vendors: [heldOutVendor] }
} as const satisfies Record<string, EmojiSettings>

const prefix = "embedded:"

/** The source of one name: `embedded:NAME`, or a location. */
const openOne = Effect.fnUntraced(function* (name: string) {
  if (!name.startsWith(prefix)) return yield* openLocation(name)
  const set = name.slice(prefix.length)
  if (!Object.hasOwn(embedded, set)) {
    const known = Object.keys(embedded).map((each) => prefix + each)
    return yield* new DataError({ file: name, problem: `no such embedded data; there is ${known.join(", ")}` })
  }
  return yield* emojiSource(name, embedded[set as keyof typeof embedded])
})

/**
 * The source that `--data` names: `embedded:NAME`; a file, a folder, `s3://BUCKET/PREFIX` or a pattern of tars, with options after `?`
 * (`captions.json?images=val2014&split=test`); or several of these by weight, `A*0.7+B*0.3`.
 */
export const openSource = Effect.fn("data.openSource")(function* (name: string) {
  const parts = parseMixture(name)
  if (parts === undefined) return yield* openOne(name)
  const opened = yield* Effect.forEach(parts, (part) => Effect.map(openOne(part.name), (source) => ({ ...part, source })))
  return yield* mixtureSource(name, opened)
})
