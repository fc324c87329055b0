import { awsFailure } from "../../aws/failure.ts"
import { type BlobError, BlobRefused, BlobUnavailable } from "./blob-error.ts"

/** Converts an error of the S3 client to the error of an operation on a key. */
export const s3Failure =
  (store: string, key: string, operation: string) =>
  (error: unknown): BlobError => {
    const { kind, reason } = awsFailure(error)
    return kind === "transient"
      ? new BlobUnavailable({ store, key, operation, reason })
      : new BlobRefused({ store, key, reason: `${operation}: ${reason}` })
  }

/** True where an error says that a key does not exist; a missing bucket is a different error. */
export const isMissing = (error: unknown): boolean => {
  const { status, code } = awsFailure(error)
  return status === 404 && code !== "NoSuchBucket" && code !== "NoSuchUpload"
}

/**
 * Classifies the failure of a conditional put: "taken" where the key exists (412), "conflict" where it must be retried (409:
 * another put was in progress).
 */
export const conditionOf = (error: unknown): "taken" | "conflict" | "other" => {
  const { status, code } = awsFailure(error)
  if (status === 412) return "taken"
  return status === 409 || (status === 404 && code === "NoSuchUpload") ? "conflict" : "other"
}
