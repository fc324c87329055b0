import { Effect } from "effect"
import { DataError } from "../data-error.ts"

/** A path of data, and the options after `?`. */
export interface Location {
  /** The location as the user wrote it, for messages. */
  readonly name: string
  readonly path: string
  readonly options: ReadonlyMap<string, string>
}

const optionList = /^[a-z][A-Za-z0-9]*=[^&]*(?:&[a-z][A-Za-z0-9]*=[^&]*)*$/

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Parses `path?key=value&key=value`. A `?` that no such list follows is part of the path; values may be percent-encoded. An
 * option given twice is a `DataError`.
 */
export const parseLocation = Effect.fnUntraced(function* (name: string) {
  const mark = name.lastIndexOf("?")
  const text = mark < 0 ? "" : name.slice(mark + 1)
  if (!optionList.test(text)) return { name, path: name, options: new Map<string, string>() } satisfies Location
  const options = new Map<string, string>()
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=")
    const option = pair.slice(0, equals)
    if (options.has(option)) return yield* new DataError({ file: name, problem: `option '${option}' is given twice` })
    options.set(option, decoded(pair.slice(equals + 1)))
  }
  return { name, path: name.slice(0, mark), options } satisfies Location
})

/** Refuses options that a format does not have, naming those it has. */
export const checkOptions = Effect.fnUntraced(function* ({ name, options }: Location, format: string, known: readonly string[]) {
  const wrong = [...options.keys()].find((option) => !known.includes(option))
  if (wrong === undefined) return
  const taken = known.length > 0 ? `it takes ${known.join(", ")}` : "it takes none"
  return yield* new DataError({ file: name, problem: `no option '${wrong}' for ${format}; ${taken}` })
})

/** Returns the parts of an option's value, separated by commas; none for an option that is not given. */
export const optionParts = ({ options }: Location, option: string): readonly string[] =>
  (options.get(option) ?? "").split(",").filter((part) => part !== "")
