import { isUtf8 } from "node:buffer"
import { pythonJson } from "./python-json.ts"
import { utf8Fault } from "./text-encoding.ts"

/** One element of a list in a JSON text, or a member of its root object. */
export interface JsonItem {
  /** Name of the root object's member that the item is in; "" where the root is a list. */
  readonly key: string
  /** Index in the list; −1 for a member that is not a list, which is then one item. */
  readonly index: number
  readonly value: unknown
  /**
   * The reason why there is no value: bytes that are not of the encoding, with their position; or a line of JSON lines that is
   * not JSON.
   */
  readonly fault?: ItemFault
}

/** Problem with the text of an item. */
export interface ItemFault {
  readonly reason: string
  readonly detail?: string
}

/** Maximum bytes of an item: 64 MiB; a larger one is refused. */
export const largestItem = 64 * 2 ** 20

/**
 * Returns the problem with the bytes of an item at an offset of the file, if there is one: U+FFFD may also be in the text itself.
 */
const notUtf8 = (bytes: Uint8Array, offset: number): ItemFault | undefined =>
  isUtf8(bytes) ? undefined : { reason: "not UTF-8", detail: utf8Fault(bytes, offset) }

type State = "root" | "key" | "colon" | "value" | "after" | "item" | "end"

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const character = (byte: number) => (byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte ${byte}`)
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Reads a JSON text in pieces and passes on the elements of the root list, or those of each list in the root object, so that a
 * file of any size needs the memory of one element. `push` and `end` return a message, once, for a problem: that of `each`, or
 * the place where the text is not JSON. Objects inherit nothing: a `__proto__` of the text is a plain member.
 */
export const jsonItems = (each: (item: JsonItem) => string | undefined) => {
  let state: State = "root"
  /** Closing bytes of the containers that are open: the root, and possibly a list in it. */
  const open: number[] = []
  let key = ""
  let index = -1
  let empty = true
  let isKey = false
  // Of the item that is being collected: its bytes so far, how deep its brackets are, and whether it is inside a string.
  let parts: Uint8Array[] = []
  let size = 0
  let depth = 0
  let inString = false
  let escaped = false
  let isScalar = false
  let read = 0
  let goesOn = false
  const parse = pythonJson()
  const fault = (what: string, at: number) => `no JSON: ${what} at byte ${read + at}`

  const container = (byte: number) => {
    open.push(byte === openList ? closeList : closeObject)
    empty = true
    state = byte === openList ? "value" : "key"
    if (byte === openList) index = 0
  }
  const finish = (bytes: Uint8Array, at: number): string | undefined => {
    parts.push(bytes)
    const given = parts.length === 1 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.concat(parts)
    const text = given.toString()
    parts = []
    size = 0
    let value: unknown
    let wrong: ItemFault | undefined
    try {
      value = parse(text)
      if (text.includes("\ufffd")) wrong = notUtf8(given, read + at - given.length)
    } catch {
      return fault(`a broken ${isKey ? "name" : "value"} that ends`, at)
    }
    if (isKey) {
      key = String(value)
      state = "colon"
      return undefined
    }
    state = "after"
    return each(wrong ? { key, index, value: undefined, fault: wrong } : { key, index, value })
  }
  const start = (byte: number) => {
    depth = byte === openList || byte === openObject ? 1 : 0
    inString = byte === quote
    escaped = false
    isScalar = depth === 0 && !inString
    state = "item"
  }
  /** Returns the end of the item that continues at `from`, or −1 if it does not end in this chunk. */
  const itemEnd = (chunk: Uint8Array, from: number): number => {
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) {
          inString = false
          if (depth === 0) return i + 1
        }
      } else if (isScalar) {
        if (byte === comma || byte === closeList || byte === closeObject || isSpace(byte)) return i
      } else if (byte === quote) inString = true
      else if (byte === openList || byte === openObject) depth++
      else if ((byte === closeList || byte === closeObject) && --depth === 0) return i + 1
    }
    return -1
  }
  /** Processes one byte between items. */
  const step = (byte: number, at: number): string | undefined => {
    const wrong = (expected: string) => fault(`${character(byte)} where ${expected} is expected`, at)
    if (state === "root") return byte === openList || byte === openObject ? void container(byte) : wrong("a list or an object")
    if (state === "end") {
      goesOn = true
      return wrong("the end")
    }
    if (state === "colon") {
      if (byte !== colon) return wrong("a colon")
      state = "value"
      index = -1
      empty = false
      return undefined
    }
    const closing = open.at(-1)!
    if (byte === closing && (state === "after" || empty)) {
      open.pop()
      index = -1
      empty = false
      state = open.length === 0 ? "end" : "after"
      return undefined
    }
    if (state === "after") {
      if (byte !== comma) return wrong("a comma")
      empty = false
      if (index >= 0) index++
      state = closing === closeList ? "value" : "key"
      return undefined
    }
    if (state === "key" && byte !== quote) return wrong("a name")
    if (state === "value" && byte === openList && open.length === 1 && closing === closeObject) return void container(byte)
    if (byte === comma || byte === closeList || byte === closeObject || byte === colon) return wrong("a value")
    isKey = state === "key"
    start(byte)
    return undefined
  }
  return {
    push: (chunk: Uint8Array): string | undefined => {
      let i = read === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0
      while (i < chunk.length) {
        if (state !== "item") {
          if (isSpace(chunk[i]!)) {
            i++
            continue
          }
          const problem = step(chunk[i]!, i)
          if (problem !== undefined) return problem
          // The first byte of an item is part of it, and `start` has counted it.
          if (state !== ("item" as State)) {
            i++
            continue
          }
        }
        const from = i
        const end = itemEnd(chunk, size === 0 ? i + 1 : i)
        const until = end < 0 ? chunk.length : end
        size += until - from
        if (size > largestItem) return fault(`an item of more than ${largestItem} bytes`, from)
        if (end < 0) parts.push(chunk.slice(from))
        else {
          const problem = finish(chunk.subarray(from, end), end)
          if (problem !== undefined) return problem
        }
        i = until
      }
      read += chunk.length
      return undefined
    },
    end: (): string | undefined => (state === "end" ? undefined : fault("the text breaks off", 0)),
    /** True where a value was complete, and was followed by something else. */
    goesOn: (): boolean => goesOn
  }
}
