import type { Codec } from "../../lib/pipeline/stage.ts"
import type { Tokens } from "./tokenizer.ts"

/** All captions of a sample, each with its tokens. */
export interface PreparedCaptions {
  readonly captions: readonly string[]
  readonly tokens: readonly Tokens[]
}

/**
 * Little-endian uint32: the number of captions and of tokens in each; then the ids as int32, the masks as bytes, and the captions
 * as JSON.
 */
export const preparedCaptions: Codec<PreparedCaptions> = {
  encode: ({ captions, tokens }) => {
    const length = tokens[0]?.ids.length ?? 0
    const text = new TextEncoder().encode(JSON.stringify(captions))
    const bytes = new Uint8Array(8 + tokens.length * length * 5 + text.length)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, tokens.length, true)
    view.setUint32(4, length, true)
    const masks = 8 + tokens.length * length * 4
    tokens.forEach(({ ids, mask }, i) => {
      for (let j = 0; j < length; j++) view.setInt32(8 + (i * length + j) * 4, ids[j]!, true)
      bytes.set(mask, masks + i * length)
    })
    bytes.set(text, masks + tokens.length * length)
    return bytes
  },
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const count = view.getUint32(0, true)
    const length = view.getUint32(4, true)
    const masks = 8 + count * length * 4
    const captions = JSON.parse(new TextDecoder().decode(bytes.subarray(masks + count * length))) as readonly string[]
    if (captions.length !== count) throw new RangeError(`captions: ${captions.length} texts for ${count} rows of tokens`)
    const tokens = captions.map((_, i) => ({
      ids: Int32Array.from({ length }, (_, j) => view.getInt32(8 + (i * length + j) * 4, true)),
      mask: bytes.slice(masks + i * length, masks + (i + 1) * length)
    }))
    return { captions, tokens }
  }
}
