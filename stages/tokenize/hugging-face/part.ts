import { Schema } from "effect"

/** Schema and constructor of a type of part, for its entry in a `tokenizer.json`. */
export interface PartRow<A> {
  readonly make: (config: unknown) => A
}

const line = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ")

/** Defines a row: the settings of a type of part, and its constructor. */
export const row = <Config, A>(settings: Schema.Codec<Config, unknown>, make: (config: Config) => A): PartRow<A> => ({
  make: (config) => make(Schema.decodeUnknownSync(settings)(config))
})

/** Parts of one kind, by the names of their types in files. */
export interface PartTable<A> {
  /** The kind's key in a file: `normalizer`, `pre_tokenizer`, … */
  readonly kind: string
  readonly rows: { readonly [type: string]: PartRow<A> }
}

const typeOf = (config: unknown): unknown =>
  typeof config === "object" && config !== null && "type" in config ? config.type : undefined

/** Returns an error that names the part it concerns. */
const partError = (message: string): Error => Object.assign(new Error(message), { name: "PartError" })

/** Makes a part. Throws an `Error` that names kind and type where the type is not supported or has other settings. */
export const makePart = <A>({ kind, rows }: PartTable<A>, config: unknown): A => {
  const type = typeOf(config)
  const found = typeof type === "string" && Object.hasOwn(rows, type) ? rows[type] : undefined
  if (!found) {
    const supported = Object.keys(rows).sort().join(", ")
    const given = JSON.stringify(type) ?? "none"
    throw partError(`its ${kind} is of type ${given}, which is not supported (supported: ${supported})`)
  }
  try {
    return found.make(config)
  } catch (error) {
    throw error instanceof Error && error.name === "PartError" ? error : partError(`its ${kind} ${type}: ${line(error)}`)
  }
}
