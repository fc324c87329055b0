/** Failure of an AWS call, classified as transient or permanent. */
export interface AwsFailure {
  readonly kind: "transient" | "permanent"
  /** The service's or the system's code, such as `AccessDenied` or `ECONNRESET`. */
  readonly code: string
  readonly status: number | undefined
  /** Code and message on one line, at most 300 characters, without secrets. */
  readonly reason: string
}

const throttles = new Set([
  "OverLimit",
  "RequestThrottled",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "BandwidthLimitExceeded",
  "LimitExceededException",
  "KmsThrottled",
  "SlowDown",
  "PriorRequestNotComplete",
  "TransactionInProgressException",
  "RequestTimeout",
  "RequestTimeoutException"
])

/** Failures before any answer that no retry can fix, caused by this machine's settings. */
const settings = /credential|profile|region is missing|invalid url|token is expired|sso/i

// Key ids, and any run of 40 or more characters of base64: secrets, session tokens, signatures, receipt handles.
const secret = /\b(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b|[A-Za-z0-9+/=_%-]{40,}/g

/** Returns a text on one line with anything that may be a credential, signature or receipt handle removed. */
export const withoutSecrets = (text: string): string => text.replace(/\s+/g, " ").replace(secret, "…").slice(0, 300)

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

/** Classifies an error thrown by an AWS client; the result contains no credentials, handles or bodies. */
export const awsFailure = (error: unknown): AwsFailure => {
  const name = field(error, "name")
  const system = field(error, "code")
  const code = typeof system === "string" ? system : typeof name === "string" ? name : "Error"
  const metadata = field(error, "$metadata")
  const answered = field(metadata, "httpStatusCode") ?? field(field(error, "$response"), "statusCode")
  const status = typeof answered === "number" ? answered : undefined
  const words = error instanceof Error ? error.message : String(error)
  const transient =
    throttles.has(code) ||
    (typeof name === "string" && throttles.has(name)) ||
    status === 429 ||
    (status === undefined ? !settings.test(`${code} ${words}`) : status >= 500)
  // An answer of 403 may quote what was signed; its code is sufficient.
  const reason = status === 401 || status === 403 || words === "" || words === code ? code : `${code}: ${words}`
  return { kind: transient ? "transient" : "permanent", code, status, reason: withoutSecrets(reason) }
}
