import type { Dtype } from "../../tensor/field.ts"
import { broadcast, type OpSpec, type OpTable } from "./spec.ts"

const binary = (dtype?: Dtype): OpSpec => ({
  inputs: ["a", "b"],
  infer: ([a, b]) => [{ shape: broadcast(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }]
})
const unary = (dtype?: Dtype): OpSpec => ({
  inputs: ["x"],
  infer: ([x]) => [{ shape: x!.shape, dtype: dtype ?? x!.dtype }]
})

/** Elementwise operations, with broadcasting. */
export const elementwise = {
  Add: binary(),
  Sub: binary(),
  Multiply: binary(),
  RealDiv: binary(),
  Maximum: binary(),
  Minimum: binary(),
  Mod: binary(),
  FloorDiv: binary("int32"),
  Pow: binary(),
  SquaredDifference: binary(),
  Equal: binary("bool"),
  NotEqual: binary("bool"),
  Less: binary("bool"),
  LessEqual: binary("bool"),
  Greater: binary("bool"),
  GreaterEqual: binary("bool"),
  LogicalAnd: binary("bool"),
  LogicalOr: binary("bool"),
  LogicalNot: unary("bool"),
  Neg: unary(),
  Exp: unary(),
  Log: unary(),
  Sqrt: unary(),
  Rsqrt: unary(),
  Square: unary(),
  Tanh: unary(),
  Erf: unary(),
  Abs: unary(),
  Sign: unary(),
  Reciprocal: unary(),
  Floor: unary(),
  Sigmoid: unary(),
  Identity: unary(),
  ZerosLike: unary(),
  OnesLike: unary(),
  ClipByValue: unary(),
  Cast: {
    inputs: ["x"],
    infer: ([x], attributes) => [{ shape: x!.shape, dtype: attributes["dtype"] as Dtype }]
  },
  Select: {
    inputs: ["condition", "t", "e"],
    infer: ([condition, t, e]) => [{ shape: broadcast(condition!.shape, broadcast(t!.shape, e!.shape)), dtype: t!.dtype }]
  },
  AddN: { inputs: "list", infer: ([first]) => [first!] }
} satisfies OpTable
