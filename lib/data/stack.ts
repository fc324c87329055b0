import { sizeOf } from "../compiler/program.ts"
import type { Numbers } from "../engine/engine.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Dtype } from "../tensor/field.ts"

/** Type of the elements of rows: numbers, or bytes for values that the host keeps as such. */
export type RowType = Dtype | "bytes"

const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, bytes: Uint8Array } as const

/** Returns `length` zeros of a type. */
export const zeros = (dtype: RowType, length: number): Numbers => new kinds[dtype](length)

/**
 * Copies one sample's numbers into row `row` of a stack. Throws a `WiringError` that names the field where their type or count
 * differs from that of the stack's rows.
 */
export const putRow = (
  stack: Numbers,
  row: number,
  value: unknown,
  what: { readonly name: string; readonly dtype: RowType; readonly shape: readonly number[] }
): void => {
  const length = sizeOf(what.shape)
  const fits = value instanceof kinds[what.dtype] && value.length === length
  if (!fits) {
    const got = ArrayBuffer.isView(value) ? `${value.constructor.name} of ${(value as Uint8Array).length}` : typeof value
    const problem = `'${what.name}' should be ${what.dtype}[${what.shape.join(", ")}] per sample, but is ${got}`
    throw new WiringError({ pipeline: "batch", problem })
  }
  stack.set(value, row * length)
}
