import { availableParallelism } from "node:os"
import { Flag } from "effect/cli"
import { stagesFlag } from "./flags.ts"
import { wholeFlag } from "./whole-flag.ts"

/** Flags of commands that run a trained model. */
export const modelFlags = {
  weights: Flag.Literals("weights", ["student", "teacher"]).pipe(
    Flag.withDescription("Whose weights: the student's, or its momentum teacher's"),
    Flag.withDefault("student")
  ),
  step: wholeFlag("step", 0).pipe(Flag.withDescription("A run's checkpoint; its newest unless given"), Flag.optional),
  engine: Flag.String("engine").pipe(Flag.withDescription("What runs the model"), Flag.withDefault("onnx")),
  threads: wholeFlag("threads", 1).pipe(Flag.withDescription("Threads of the engine"), Flag.withDefault(availableParallelism())),
  stages: stagesFlag,
  batch: wholeFlag("batch", 1).pipe(Flag.withDescription("How many are run at a time"), Flag.withDefault(64))
}

/** Folder of the model. */
export const modelFlag = Flag.String("model").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription("The folder of an exported model, or of a run")
)
