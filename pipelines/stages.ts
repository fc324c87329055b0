import type { DataTables } from "../lib/data/host/host-stages.ts"
import { openSource } from "../lib/data/open-source.ts"
import type { StageTable } from "../lib/pipeline/load.ts"
import { definition as retrieval } from "../lib/task/retrieval/index.ts"
import type { TaskTable } from "../lib/task/task.ts"
import { definition as zeroShot } from "../lib/task/zero-shot/index.ts"
import { definition as align } from "../stages/align/index.ts"
import { definition as encode } from "../stages/encode/index.ts"
import { definition as fuse } from "../stages/fuse/index.ts"
import { definition as mask } from "../stages/mask/index.ts"
import { definition as patchify } from "../stages/patchify/index.ts"
import { definition as reconstruct } from "../stages/reconstruct/index.ts"
import { definition as tokenize } from "../stages/tokenize/index.ts"

/** Kinds of stages. */
export const stages = { tokenize, patchify, mask, encode, fuse, reconstruct, align } satisfies StageTable

/** Kinds of tasks. */
export const tasks = { retrieval, zeroShot } satisfies TaskTable

/** Tables for making batches, in the main thread and in workers. */
export const dataTables = { stages, tasks, openSource } satisfies DataTables
