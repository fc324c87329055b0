import { Tokenizer } from "@huggingface/tokenizers"

/**
 * What is used of `@huggingface/tokenizers`, whose own types are `any` here: their relative imports have no extensions, which
 * TypeScript's `nodenext` needs.
 */
export interface HuggingFaceTokenizer {
  /** A text as it is before it is split into words. */
  readonly normalizer: ((text: string) => string) | null
  /** The words of a text. */
  readonly pre_tokenizer: ((text: string) => readonly string[]) | null
  /** An id may be undefined where the model has no unknown token. */
  encode(text: string, options?: { readonly add_special_tokens?: boolean }): { readonly ids: ReadonlyArray<number | undefined> }
  decode(ids: readonly number[], options?: { readonly skip_special_tokens?: boolean }): string
  token_to_id(token: string): number | undefined
  get_vocab(): ReadonlyMap<string, number>
}

/** The library's tokenizer of the content of a `tokenizer.json`; throws whatever the library throws at content it cannot use. */
export const huggingFaceTokenizer = (content: object): HuggingFaceTokenizer => new Tokenizer(content, {})
