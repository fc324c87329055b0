import { Schema } from "effect"

/** A run that cannot go on: where, why and with which numbers, in one line. */
export class TrainingError extends Schema.TaggedError<TrainingError>()("TrainingError", {
  step: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `step ${this.step}: ${this.reason}`
  }
}

/** A checkpoint that cannot be used: the file, and what is wrong with it. */
export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** A run folder that cannot be used as asked: which, and why. */
export class RunFolderError extends Schema.TaggedError<RunFolderError>()("RunFolderError", {
  folder: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.reason}`
  }
}
