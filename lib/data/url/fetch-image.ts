import { isIP } from "node:net"
import { Effect } from "effect"
import { addressProblem } from "./address.ts"
import { hostOf, parseLocation } from "./location.ts"
import { UrlError, UrlPolicy } from "./policy.ts"
import { bodyOf, requestAt } from "./request.ts"
import { optedOut } from "./robots-tag.ts"

const refuse = (reason: string) => new UrlError({ reason })

/**
 * Resolves the address to connect to: every address of the host must be allowed, so that a second look-up of the name cannot find
 * a forbidden one.
 */
const checkedAddress = Effect.fnUntraced(function* (url: URL, { resolve, alsoAllowed }: UrlPolicy) {
  const host = hostOf(url)
  // A host that is already an address is used without asking any resolver, ours or another.
  const known = isIP(host) !== 0
  const addresses = yield* known
    ? Effect.succeed([host])
    : Effect.tryPromise({ try: () => resolve(host), catch: () => refuse("unknown-host") })
  for (const address of addresses) {
    const problem = addressProblem(address, alsoAllowed)
    if (problem !== undefined) return yield* refuse(`address-refused(${problem})`)
  }
  return addresses[0] ?? (yield* refuse("unknown-host"))
})

const redirects = new Set([301, 302, 303, 307, 308])

/** Makes one request; returns the location of a redirect, or the image. */
const hop = (url: URL, policy: UrlPolicy) =>
  Effect.gen(function* () {
    const address = yield* checkedAddress(url, policy)
    const answer = yield* requestAt(url, address, policy)
    const tag = optedOut(answer.robots, policy.optOut, policy.userAgent)
    if (tag !== undefined) return yield* refuse(`opted-out(${tag})`)
    if (redirects.has(answer.status)) {
      if (answer.location === undefined) return yield* refuse("redirect-without-location")
      const next = yield* Effect.fromResult(parseLocation(answer.location, url))
      if (url.protocol === "https:" && next.protocol === "http:") return yield* refuse("redirect-refused(https to http)")
      return next
    }
    if (answer.status !== 200) return yield* refuse(`status(${answer.status})`)
    return yield* bodyOf(answer, policy.maxBytes)
  }).pipe(Effect.scoped)

/**
 * Fetches the bytes of a URL, under the `UrlPolicy` of the context: http or https only; each host is resolved once, all its
 * addresses must be public, and the connection goes to one of those; each redirect is checked like the first URL; bytes, time and
 * redirects are bounded; X-Robots-Tag is honoured.
 * The reasons of a `UrlError`: urls-off · url-refused(why) · unknown-host · address-refused(range) · unreachable(code) ·
 * status(n) · opted-out(directive) · redirect-refused(why) · too-many-redirects · content-encoding(name) · too-large(n bytes) ·
 * cut-off · timeout.
 */
export const fetchImage: (text: string) => Effect.Effect<Uint8Array, UrlError> = Effect.fnUntraced(function* (text: string) {
  const policy = yield* UrlPolicy
  if (!policy.allowed) return yield* refuse("urls-off")
  const followed = Effect.gen(function* () {
    let url = yield* Effect.fromResult(parseLocation(text))
    for (let redirect = 0; redirect <= policy.maxRedirects; redirect++) {
      const found = yield* hop(url, policy)
      if (!(found instanceof URL)) return found
      url = found
    }
    return yield* refuse(`too-many-redirects(${policy.maxRedirects})`)
  })
  return yield* Effect.timeoutOrElse(followed, {
    duration: `${policy.timeoutSeconds} seconds`,
    orElse: () => Effect.fail(refuse("timeout"))
  })
})
