/** What requests to a server on this machine are signed with: made up, so that no real credential is ever sent to one. */
export const localCredentials = { accessKeyId: "local", secretAccessKey: "local" } as const

/** The region that servers on this machine are addressed by. */
export const localRegion = "us-east-1"

/** Throws a `RangeError` unless an endpoint is on this machine: made-up credentials go nowhere else. */
export const checkLoopback = (endpoint: string | undefined): void => {
  const host = endpoint === undefined ? "no endpoint" : new URL(endpoint).hostname
  if (!/^(127(\.\d+){3}|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(host))
    throw new RangeError(`local server: expected an endpoint on this machine, got ${host}`)
}
