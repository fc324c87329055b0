import type { Stored } from "./stored.ts"

/** Dtypes of tensors. */
export type Dtype = "float32" | "int32" | "bool"

/** Origin of a field: the sample, or a model's states (which a momentum stage adds a second time under `teacher.`). */
export type Origin = "data" | "model"

/** A tensor field: elements of one dtype with named dimensions, per sample before the first tensor stage, batched after it. */
export interface TensorField<
  D extends Dtype = Dtype,
  S extends readonly string[] = readonly string[],
  O extends Origin = Origin
> {
  readonly dtype: D
  readonly dims: S
  readonly origin: O
  /** Byte storage of the field on the host. */
  readonly stored?: Stored
}

/** A field that is not a tensor (text, bytes): it is carried beside the tensors, for host stages and reports. */
export interface ValueField<N extends string = string, A = unknown> {
  readonly value: N
  readonly _A?: A
}

export type Field = TensorField | ValueField
export interface Fields {
  readonly [name: string]: Field
}

/** Declares a tensor that comes from the sample, e.g. `tensor("float32", "patches", "pixels")`. */
export const tensor = <D extends Dtype, const S extends readonly string[]>(dtype: D, ...dims: S): TensorField<D, S, "data"> => ({
  dtype,
  dims,
  origin: "data"
})

/** Declares a tensor that a model computes, e.g. `states("float32", "batch", "patches+1", "width")`. */
export const states = <D extends Dtype, const S extends readonly string[]>(dtype: D, ...dims: S): TensorField<D, S, "model"> => ({
  dtype,
  dims,
  origin: "model"
})

/** Declares a field that is not a tensor, with a name for its content, e.g. `value<Uint8Array>()("bytes")`. */
export const value =
  <A>() =>
  <N extends string>(name: N): ValueField<N, A> => ({ value: name })

type Join<S extends readonly string[]> = S extends readonly [infer A extends string]
  ? A
  : S extends readonly [infer A extends string, ...infer T extends readonly string[]]
    ? `${A}, ${Join<T>}`
    : ""

/** Type of a field as errors and drawings spell it: `float32[batch, patches, width]`, `bytes`. */
export type Show<F> = F extends TensorField<infer D, infer S> ? `${D}[${Join<S>}]` : F extends ValueField<infer N> ? N : never

/** Formats a field in the same spelling at run time. */
export const show = (field: Field): string => ("dtype" in field ? `${field.dtype}[${field.dims.join(", ")}]` : field.value)

/** Formats fields with their names for messages: `image (bytes), captions (strings)`. */
export const fieldsText = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, field]) => `${name} (${show(field)})`)
    .join(", ")

/** Splits a dimension into a name and an addition to its size: `patches+1` is one more than `patches`. */
export const dimensionParts = (text: string): { readonly name: string; readonly more: number } => {
  const at = text.lastIndexOf("+")
  return at < 0 ? { name: text, more: 0 } : { name: text.slice(0, at), more: Number(text.slice(at + 1)) }
}

/** Fields as tensor stages see them: `batch` is prepended to the dimensions of every tensor that has no batch of its own. */
export type Batched<F extends Fields> = {
  readonly [N in keyof F]: F[N] extends TensorField<infer D, infer S, infer O>
    ? S extends readonly [`${string}.batch`, ...(readonly string[])]
      ? F[N]
      : TensorField<D, readonly ["batch", ...S], O>
    : F[N]
}

/** Prepends `batch` in the same way at run time. */
export const batched = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      "dtype" in field && !isBatch(field.dims[0]) ? { ...field, dims: ["batch", ...field.dims] } : field
    ])
  )

/** Returns true for a dimension that is a batch: the main source's (`batch`), or that of a part (`images.batch`). */
export const isBatch = (dimension: string | undefined): boolean => dimension === "batch" || dimension?.endsWith(".batch") === true

/** Type of a field's value on the host: a typed array with the product of the dimensions as its length, or the value itself. */
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

/**
 * Marks a field as stored in bytes on the host: its values there are a `Uint8Array`, which the program converts to float32 first.
 */
export const asBytes = <F extends TensorField<"float32">>(field: F, stored: Stored): F => ({ ...field, stored })
