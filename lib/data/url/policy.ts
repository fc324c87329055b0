import { lookup } from "node:dns/promises"
import { Context, Effect, Schema } from "effect"

/** A host's addresses, all of them. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** What may be fetched from the network, and how much of it. */
export interface UrlPolicy {
  /** Off unless a user asks for it: a list of images is no reason to talk to strangers. */
  readonly allowed: boolean
  /** Bytes of an image. */
  readonly maxBytes: number
  /** For all of it, redirects too. */
  readonly timeoutSeconds: number
  readonly maxRedirects: number
  /** X-Robots-Tag directives that are honoured: an image under one of them is left out. */
  readonly optOut: readonly string[]
  /** How this program names itself; X-Robots-Tag may speak to it by this name. */
  readonly userAgent: string
  /** Ranges (CIDR) that may be reached although they are not public: for tests, and mirrors on one's own network. */
  readonly alsoAllowed: readonly string[]
  readonly resolve: Resolve
}

export const urlPolicyDefaults: UrlPolicy = {
  allowed: false,
  maxBytes: 64 * 2 ** 20,
  timeoutSeconds: 30,
  maxRedirects: 5,
  optOut: ["noai", "noimageai"],
  userAgent: "semmim",
  alsoAllowed: [],
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
}

/** The policy that everything which fetches asks for; nothing is fetched where none is given. */
export const UrlPolicy = Context.Reference<UrlPolicy>("semmim/lib/data/UrlPolicy", { defaultValue: () => urlPolicyDefaults })

/** Runs an effect under a policy that allows fetching or does not. */
export const allowingUrls =
  (allowed: boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, UrlPolicy, { ...urlPolicyDefaults, allowed })

/** An image that was not fetched: why, without its URL, which may hold secrets. */
export class UrlError extends Schema.TaggedError<UrlError>()("UrlError", { reason: Schema.String }) {
  override get message(): string {
    return `not fetched: ${this.reason}`
  }
}
