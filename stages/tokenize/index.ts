import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import type { VocabularyHooks } from "../../lib/data/host/brought-vocabulary.ts"
import type { HostHooks } from "../../lib/data/host/ready-stage.ts"
import { type Always, defineStage } from "../../lib/pipeline/define-stage.ts"
import { pairFields } from "../../lib/pipeline/pipeline.ts"
import type { PortableHooks } from "../../lib/pipeline/portable.ts"
import { count } from "../../lib/pipeline/settings.ts"
import type { HostStage } from "../../lib/pipeline/stage.ts"
import { storeError } from "../../lib/store/store-error.ts"
import { tensor, value } from "../../lib/tensor/field.ts"
import { chooseCaption } from "./choose-caption.ts"
import { type PreparedCaptions, preparedCaptions } from "./prepared.ts"
import { openVocabulary, readVocabulary, Vocabulary, vocabularyFile } from "./vocabulary.ts"
import { trainedSpecial } from "./word-piece-file.ts"

export { trained, vocabularyFile } from "./vocabulary.ts"

/**
 * Settings of `tokenize`: a vocabulary (`trained`, `vocabularyFile`), and the number of tokens that a text is truncated or padded
 * to.
 */
export const TokenizeSettings = Schema.Struct({ vocabulary: Vocabulary, length: count })
type Settings = typeof TokenizeSettings.Type

const reads = { captions: pairFields.captions }
const adds = {
  tokens: tensor("int32", "tokens"),
  tokenMask: tensor("bool", "tokens"),
  caption: value<string>()("string")
}

type Tokenize = HostStage<"tokenize", typeof reads, typeof adds, PreparedCaptions>

/** Name of a vocabulary in an exported model's folder. */
const fileName = "tokenizer.json"

/** Names of vocabulary files in a folder of Hugging Face's layout, in order of preference. */
const vocabularyFiles = [fileName, "vocab.txt"]

const make = (settings: Settings, as: string): Tokenize & HostHooks<Tokenize> & PortableHooks & VocabularyHooks => {
  const { vocabulary, length } = settings
  return {
    stage: "tokenize",
    as,
    kind: "host",
    version: 2,
    settings,
    reads,
    adds,
    sizes: { tokens: length, vocabulary: vocabulary.size },
    codec: preparedCaptions,
    ...(vocabulary._tag === "trained" ? { vocabularies: { tokens: { special: trainedSpecial } } } : {}),
    // The settings' location of the vocabulary does not matter: the digest of its content is part of the key.
    preparedBy: { length },
    inShard: ({ tokens }) => tokens.map(({ ids, mask }) => [...ids.subarray(0, mask.lastIndexOf(1) + 1)]),
    open: (hostContext) =>
      Effect.map(openVocabulary(vocabulary, hostContext), ({ tokenizer, digest, bytes }) => ({
        asset: digest,
        files: new Map([[fileName, bytes]]),
        vocabularies: { tokens: { ...tokenizer, file: vocabulary._tag === "file" ? vocabulary.path : null } },
        prepare: ({ captions }) =>
          Effect.sync(() => ({ captions, tokens: captions.map((caption) => tokenizer.encode(caption, length)) }))
      })),
    learnsVocabulary: vocabulary._tag === "trained",
    vocabularyIn: Effect.fnUntraced(function* (folder) {
      const fs = yield* FileSystem.FileSystem
      for (const path of vocabularyFiles.map((name) => join(folder, name))) {
        if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) continue
        const { tokenizer, digest } = yield* readVocabulary(path)
        const pinned = vocabularyFile(path, { size: vocabulary.size, sha256: digest })
        return { field: "tokens", vocabulary: { ...tokenizer, file: path }, settings: { vocabulary: pinned, length } }
      }
      return undefined
    }),
    settingsIn: (folder) => ({ vocabulary: vocabularyFile(join(folder, fileName), { size: vocabulary.size }), length }),
    prepare: () => Effect.die(new Error(`${as} has no vocabulary before it is opened`)),
    draw: ({ captions, tokens }, key) => {
      const chosen = chooseCaption(captions.length, key)
      const { ids, mask } = tokens[chosen]!
      return { tokens: ids, tokenMask: mask, caption: captions[chosen]! }
    }
  }
}

const kind = defineStage<Always<Tokenize>>()("tokenize", TokenizeSettings, make)

/**
 * Turns a caption into ids: `tokens` int32[tokens], truncated or padded, `tokenMask` bool[tokens], true at tokens and false at
 * padding, and the `caption` itself for reports (method.md §1).
 * All captions are tokenized and cached; one of them is drawn every epoch, the first without a key. Throws a `SettingsError`.
 */
export const tokenize = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
