import { lookup } from "node:dns/promises"
import { Context, Effect, Schema } from "effect"

/** Returns all addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Permission and limits for fetching from the network. */
export interface UrlPolicy {
  /** False unless the user enables it: a list of images alone does not justify contacting unknown servers. */
  readonly allowed: boolean
  /** Maximum bytes of an image. */
  readonly maxBytes: number
  /** Time limit in seconds for the whole fetch, including redirects. */
  readonly timeoutSeconds: number
  readonly maxRedirects: number
  /** X-Robots-Tag directives that are honoured: an image under one of them is left out. */
  readonly optOut: readonly string[]
  /** User agent of this program, by which X-Robots-Tag may address it. */
  readonly userAgent: string
  /** Ranges (CIDR) that are allowed although they are not public: for tests, and mirrors on a private network. */
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

/** The policy of all fetching code; by default nothing is fetched. */
export const UrlPolicy = Context.Reference<UrlPolicy>("semmim/lib/data/UrlPolicy", { defaultValue: () => urlPolicyDefaults })

/** Runs an effect under a policy that allows or forbids fetching. */
export const allowingUrls =
  (allowed: boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, UrlPolicy, { ...urlPolicyDefaults, allowed })

/** An image that was not fetched: the reason, without its URL, which may hold secrets. */
export class UrlError extends Schema.TaggedError<UrlError>()("UrlError", { reason: Schema.String }) {
  override get message(): string {
    return `not fetched: ${this.reason}`
  }
}
