import { Result } from "effect"
import { UrlError } from "./policy.ts"

/** Maximum length of an accepted URL. */
const longest = 8192

/**
 * Parses a URL that may be fetched: http or https, without a user's name and password. The parser is that of every browser, so
 * that `http://0x7f.1/` is 127.0.0.1 here as there.
 */
export const parseLocation = (text: string, base?: URL): Result.Result<URL, UrlError> => {
  const refuse = (reason: string) => Result.fail(new UrlError({ reason }))
  if (text.length > longest) return refuse(`url-refused(${text.length} characters)`)
  const url = URL.parse(text, base?.href)
  if (url === null) return refuse("url-refused(no URL)")
  if (url.protocol !== "http:" && url.protocol !== "https:") return refuse(`url-refused(${url.protocol.slice(0, 20)})`)
  if (url.username !== "" || url.password !== "") return refuse("url-refused(credentials)")
  return Result.succeed(url)
}

/** Returns the host of a URL in the resolver's form: an IPv6 address without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "")
