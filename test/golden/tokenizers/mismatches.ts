import { hash } from "node:crypto"
import type { TextToIds } from "../../../stages/tokenize/hugging-face/text-to-ids.ts"
import { goldenTexts } from "./texts.ts"

/** A tokenizer as make.py keeps it. */
export interface GoldenKind {
  readonly file: object
  /** The SHA-256 of all texts' ids. */
  readonly all: string
  /** A byte of each text's, base64. */
  readonly each: string
}

/** The golden texts whose ids are others than those of Python's tokenizers. */
export const mismatches = ({ hostContext, encode }: TextToIds, { all, each }: Omit<GoldenKind, "file">): readonly string[] => {
  const bytes = Buffer.from(each, "base64")
  const texts = goldenTexts(bytes.length, 1)
  const found = texts.map((text) => [...hostContext.before, ...encode(text), ...hostContext.after].join(","))
  if (hash("sha256", found.join(";")) === all) return []
  const wrong = texts.filter((_, i) => hash("sha256", found[i]!, "buffer")[0] !== bytes[i])
  return wrong.length > 0 ? wrong : ["one of them"]
}
