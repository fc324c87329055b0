import { awsFailure } from "../../aws/failure.ts"
import { type BlobError, BlobRefused, BlobUnavailable } from "./blob-error.ts"

/** What an error of the S3 client means for an operation on a key. */
export const s3Failure =
  (store: string, key: string, operation: string) =>
  (error: unknown): BlobError => {
    const { kind, reason } = awsFailure(error)
    return kind === "transient"
      ? new BlobUnavailable({ store, key, operation, reason })
      : new BlobRefused({ store, key, reason: `${operation}: ${reason}` })
  }

/** Whether an error says that there is nothing under a key; a bucket that is not there is another matter. */
export const isMissing = (error: unknown): boolean => {
  const { status, code } = awsFailure(error)
  return status === 404 && code !== "NoSuchBucket" && code !== "NoSuchUpload"
}

/** Whether a conditional put was refused since the key is taken (412), or is to be tried again (409: another put was under way). */
export const conditionOf = (error: unknown): "taken" | "conflict" | "other" => {
  const { status, code } = awsFailure(error)
  if (status === 412) return "taken"
  return status === 409 || (status === 404 && code === "NoSuchUpload") ? "conflict" : "other"
}
