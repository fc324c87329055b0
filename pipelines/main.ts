import { main } from "../lib/cli/main.ts"
import type { EngineTable } from "../lib/cli/tables.ts"
import type { PipelineTable } from "../lib/data/host/find-pipeline.ts"
import { besideModule } from "../lib/thread/beside-module.ts"
import { dataTables } from "./stages.ts"

const pipelines: PipelineTable = {
  albef: async () => (await import("./albef.ts")).albef,
  "albef-base": async () => (await import("./albef.ts")).albefBase,
  emoji: async () => (await import("./emoji.ts")).emoji,
  "emoji-full": async () => (await import("./emoji-full.ts")).emojiFull,
  semmim: async () => (await import("./semmim.ts")).semmim,
  tiny: async () => (await import("./tiny.ts")).tiny,
  vlmae: async () => (await import("./vlmae.ts")).vlmae,
  "vlmae-base": async () => (await import("./vlmae.ts")).vlmaeBase
}
const engines: EngineTable = {
  onnx: async () => (await import("../lib/engine/onnx/engine.ts")).onnx,
  reference: async () => (await import("../lib/engine/reference/engine.ts")).reference,
  tensorflow: async () => (await import("../lib/engine/tensorflow/engine.ts")).tensorflowOf(process.env)
}

main({ ...dataTables, version: "0.1.0", pipelines, engines, workerUrl: besideModule("worker", import.meta.url) })
