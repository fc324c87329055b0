import type { TarFile } from "../data/tar/write-tar.ts"
import { type KeptSample, keyOf } from "./outcome.ts"

/**
 * The members of a sample in its shard, named KEY.jpg (or .png, .webp: as stored), KEY.txt (its first caption) and KEY.json: id,
 * group, captions, tokens by the identity of their stage, sizes in pixels, SHA-256 of the original, index in the source.
 */
export const sampleMembers = (
  sample: KeptSample
): { readonly image: TarFile; readonly text: TarFile; readonly json: TarFile } => {
  const { index, id, group, captions, image, original, sha256, kept } = sample
  const key = keyOf(index)
  const said = {
    key,
    id,
    group,
    captions,
    ...(Object.keys(kept).length > 0 ? { tokens: kept } : {}),
    width: image.width,
    height: image.height,
    original_width: original.width,
    original_height: original.height,
    sha256,
    index
  }
  const bytes = (text: string) => new TextEncoder().encode(text)
  return {
    image: { name: `${key}.${image.ending}`, bytes: image.bytes },
    text: { name: `${key}.txt`, bytes: bytes(captions[0]!) },
    json: { name: `${key}.json`, bytes: bytes(JSON.stringify(said)) }
  }
}
