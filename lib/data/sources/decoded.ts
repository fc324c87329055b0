import { Result, Schema } from "effect"
import { oneLine } from "../data-error.ts"

/**
 * A check of untrusted values that gives the value, or a sentence. Members that the schema does not name are dropped, `__proto__`
 * among them.
 */
export const decoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value: unknown, place: string): { readonly value: S["Type"] } | string => {
    const result = decode(value)
    return Result.isSuccess(result) ? { value: result.success } : `${place}: ${oneLine(result.failure)}`
  }
}
