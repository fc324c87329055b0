import { join } from "node:path"
import { Effect, Schema } from "effect"
import { tensor, value } from "../../lib/pipeline/field.ts"
import type { HostExtras } from "../../lib/pipeline/opened.ts"
import { pairFields } from "../../lib/pipeline/pipeline.ts"
import type { PortableExtras } from "../../lib/pipeline/portable.ts"
import { type Bound, checkSettings, count, type Known, type StageRow } from "../../lib/pipeline/settings.ts"
import type { HostStage } from "../../lib/pipeline/stage.ts"
import { chooseCaption } from "./choose-caption.ts"
import { type PreparedCaptions, preparedCaptions } from "./prepared.ts"
import { openVocabulary, Vocabulary, vocabularyFile } from "./vocabulary.ts"

export { trained, vocabularyFile } from "./vocabulary.ts"

/** Settings of `tokenize`: a vocabulary (`trained`, `vocabularyFile`), and how many tokens a text is cut or padded to. */
export const TokenizeSettings = Schema.Struct({ vocabulary: Vocabulary, length: count })
type Given = typeof TokenizeSettings.Encoded

const reads = { captions: pairFields.captions }
const adds = {
  tokens: tensor("int32", "tokens"),
  tokenMask: tensor("bool", "tokens"),
  caption: value<string>()("string")
}

type Tokenize = HostStage<"tokenize", typeof reads, typeof adds, PreparedCaptions>

/** The name of a vocabulary in an exported model's folder. */
const fileName = "tokenizer.json"

const make = (given: unknown, as = "tokenize"): Tokenize & HostExtras<Tokenize> & PortableExtras => {
  const settings = checkSettings("tokenize", TokenizeSettings, given)
  const { vocabulary, length } = settings
  return {
    stage: "tokenize",
    as,
    kind: "host",
    version: 1,
    momentum: false,
    settings,
    reads,
    adds,
    sizes: { tokens: length, vocabulary: vocabulary.size },
    codec: preparedCaptions,
    // What the settings say of the vocabulary's origin does not matter: the digest of its content is part of the key.
    preparedBy: { length },
    inShard: ({ tokens }) => tokens.map(({ ids, mask }) => [...ids.subarray(0, mask.lastIndexOf(1) + 1)]),
    open: (surroundings) =>
      Effect.map(openVocabulary(vocabulary, surroundings), ({ tokenizer, digest }) => ({
        asset: digest,
        prepare: ({ captions }) =>
          Effect.sync(() => ({ captions, tokens: captions.map((caption) => tokenizer.encode(caption, length)) }))
      })),
    files: (surroundings) => Effect.map(openVocabulary(vocabulary, surroundings), ({ bytes }) => new Map([[fileName, bytes]])),
    settingsIn: (folder) => ({ vocabulary: vocabularyFile(join(folder, fileName), { size: vocabulary.size }), length }),
    prepare: () => Effect.die(new Error(`${as} has no vocabulary before it is opened`)),
    draw: ({ captions, tokens }, key) => {
      const chosen = chooseCaption(captions.length, key)
      const { ids, mask } = tokens[chosen]!
      return { tokens: ids, tokenMask: mask, caption: captions[chosen]! }
    }
  }
}

/**
 * Turns a caption into ids: `tokens` int32[tokens], cut or padded, `tokenMask` bool[tokens], true where a token is, and the
 * `caption` itself for reports (method.md §1).
 *
 * All captions are tokenized and kept; which one is read is drawn every epoch, the first without a key. Throws a `SettingsError`.
 */
export const tokenize = <const S extends Bound<Given>>(settings: Known<"tokenize", Given, S>, as?: string): Tokenize =>
  make(settings, as)

/** The loader's row. */
export const row: StageRow = { name: "tokenize", settings: TokenizeSettings, make }
