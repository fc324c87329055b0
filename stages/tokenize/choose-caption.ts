import { integers } from "../../lib/random/integers.ts"
import type { Key } from "../../lib/random/key.ts"

/** Which of `count` captions is read: a uniform one by the key, the first without one. Throws a `RangeError` for none. */
export const chooseCaption = (count: number, key: Key | null): number => {
  if (count < 1) throw new RangeError("tokenize: a sample without captions")
  return key === null ? 0 : integers(key, 1, 0, count)[0]!
}
