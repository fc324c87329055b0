import { integers } from "../../lib/random/integers.ts"
import type { Key } from "../../lib/random/key.ts"

/** Index of the caption to read among `count`: uniform by the key, 0 without a key. Throws a `RangeError` where `count` is 0. */
export const chooseCaption = (count: number, key: Key | null): number => {
  if (count < 1) throw new RangeError("tokenize: a sample without captions")
  return key === null ? 0 : integers(key, 1, 0, count)[0]!
}
