const refuse = (path: string, what: string): never => {
  throw new TypeError(`canonical JSON: ${path === "" ? "the value" : path} is ${what}`)
}

const write = (value: unknown, path: string, ancestors: ReadonlyArray<object>): string => {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value)
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : refuse(path, String(value))
  if (typeof value !== "object") return refuse(path, value === undefined ? "undefined" : `a ${typeof value}`)
  if (ancestors.includes(value)) return refuse(path, "inside itself")
  const inner = [...ancestors, value]
  if (Array.isArray(value)) return `[${Array.from(value, (item, i) => write(item, `${path}[${i}]`, inner)).join(",")}]`
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype)
    return refuse(path, `a ${prototype.constructor?.name ?? "class instance"}`)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries
    .map(([name, item]) => `${JSON.stringify(name)}:${write(item, path === "" ? name : `${path}.${name}`, inner)}`)
    .join(",")}}`
}

/**
 * Canonical JSON text of a plain value, for digests: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints them (so 1.0 is 1 and −0 is 0), as in RFC 8785.
 * A property that is `undefined` is omitted, as in JSON, so a value and its JSON round trip have the same text. Throws a
 * `TypeError` with the path of a value that JSON cannot represent: NaN, ±∞, undefined in an array, bigints, functions, class
 * instances, cycles.
 */
export const canonical = (value: unknown): string => write(value, "", [])
