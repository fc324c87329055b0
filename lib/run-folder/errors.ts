import { Schema } from "effect"

/** A run that cannot continue: the step, the reason and the values, in one line. */
export class TrainingError extends Schema.TaggedError<TrainingError>()("TrainingError", {
  step: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `step ${this.step}: ${this.reason}`
  }
}

/** A checkpoint that cannot be used: the file, and the error in it. */
export class CheckpointError extends Schema.TaggedError<CheckpointError>()("CheckpointError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}`
  }
}

/** A run folder that cannot be used as requested: the folder and the reason. */
export class RunFolderError extends Schema.TaggedError<RunFolderError>()("RunFolderError", {
  folder: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.reason}`
  }
}
