import type { Effect, FileSystem } from "effect"
import type { Fields } from "../../tensor/field.ts"
import type { DataError } from "../data-error.ts"
import type { Source } from "../source.ts"

/** Opens an embedded data set, whose source is called by the name that is given. */
export type EmbeddedSet = (name: string) => Effect.Effect<Source<Fields>, DataError, FileSystem.FileSystem>
