/** Invented credentials that sign requests to a server on this machine, so that no real ones are ever sent to it. */
export const localCredentials = { accessKeyId: "local", secretAccessKey: "local" } as const

/** Region that addresses servers on this machine. */
export const localRegion = "us-east-1"

/** Throws a `RangeError` unless an endpoint is on this machine: invented credentials are sent nowhere else. */
export const checkLoopback = (endpoint: string | undefined): void => {
  const host = endpoint === undefined ? "no endpoint" : new URL(endpoint).hostname
  if (!/^(127(\.\d+){3}|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(host))
    throw new RangeError(`local server: expected an endpoint on this machine, got ${host}`)
}
