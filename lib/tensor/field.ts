import type { Stored } from "./stored.ts"

/** The kinds of numbers that tensors hold. */
export type Dtype = "float32" | "int32" | "bool"

/** Where a field comes from: the sample, or a model's states (which a momentum stage adds again under `teacher.`). */
export type Origin = "data" | "model"

/** A tensor field: numbers of one type with named dimensions, per sample before the first tensor stage, batched after it. */
export interface TensorField<
  D extends Dtype = Dtype,
  S extends readonly string[] = readonly string[],
  O extends Origin = Origin
> {
  readonly dtype: D
  readonly dims: S
  readonly origin: O
  /** Where the host keeps it as bytes. */
  readonly stored?: Stored
}

/** A field that is no tensor (text, bytes): it stays beside the tensors, for host stages and reports. */
export interface ValueField<N extends string = string, A = unknown> {
  readonly value: N
  readonly _A?: A
}

export type Field = TensorField | ValueField
export interface Fields {
  readonly [name: string]: Field
}

/** A tensor that comes from the sample, e.g. `tensor("float32", "patches", "pixels")`. */
export const tensor = <D extends Dtype, const S extends readonly string[]>(dtype: D, ...dims: S): TensorField<D, S, "data"> => ({
  dtype,
  dims,
  origin: "data"
})

/** A tensor that a model computes, e.g. `states("float32", "batch", "patches+1", "width")`. */
export const states = <D extends Dtype, const S extends readonly string[]>(dtype: D, ...dims: S): TensorField<D, S, "model"> => ({
  dtype,
  dims,
  origin: "model"
})

/** A field that is no tensor, named by what it holds, e.g. `value<Uint8Array>()("bytes")`. */
export const value =
  <A>() =>
  <N extends string>(name: N): ValueField<N, A> => ({ value: name })

type Join<S extends readonly string[]> = S extends readonly [infer A extends string]
  ? A
  : S extends readonly [infer A extends string, ...infer T extends readonly string[]]
    ? `${A}, ${Join<T>}`
    : ""

/** A field as errors and drawings spell it: `float32[batch, patches, width]`, `bytes`. */
export type Show<F> = F extends TensorField<infer D, infer S> ? `${D}[${Join<S>}]` : F extends ValueField<infer N> ? N : never

/** The same spelling at run time. */
export const show = (field: Field): string => ("dtype" in field ? `${field.dtype}[${field.dims.join(", ")}]` : field.value)

/** Fields with their names, as messages list them: `image (bytes), captions (strings)`. */
export const fieldsText = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, field]) => `${name} (${show(field)})`)
    .join(", ")

/** A dimension as a name and what is added to its size: `patches+1` is one more than `patches`. */
export const dimensionParts = (text: string): { readonly name: string; readonly more: number } => {
  const at = text.lastIndexOf("+")
  return at < 0 ? { name: text, more: 0 } : { name: text.slice(0, at), more: Number(text.slice(at + 1)) }
}

/** Fields as tensor stages see them: every tensor gains `batch` first. */
export type Batched<F extends Fields> = {
  readonly [N in keyof F]: F[N] extends TensorField<infer D, infer S, infer O>
    ? TensorField<D, readonly ["batch", ...S], O>
    : F[N]
}

/** The same at run time. */
export const batched = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, "dtype" in field ? { ...field, dims: ["batch", ...field.dims] } : field])
  )

/** What a host stage holds for a field: a typed array of the dimensions' sizes, or the value. */
export type HostValue<F> =
  F extends TensorField<infer D>
    ? D extends "float32"
      ? Float32Array
      : D extends "int32"
        ? Int32Array
        : Uint8Array
    : F extends ValueField<string, infer A>
      ? A
      : never

/** A sample's values for some fields. */
export type HostValues<F extends Fields> = { readonly [N in keyof F]: HostValue<F[N]> }

/** The field, kept as bytes on the host: its values there are a `Uint8Array`, and the program's first step is to make float32 of them. */
export const asBytes = <F extends TensorField<"float32">>(field: F, stored: Stored): F => ({ ...field, stored })
