/**
 * How a float32 field is kept as bytes until a program reads it: value = byte · scale + shift, with scales and shifts taken in turn
 * along the last dimension, whose size is a multiple of how many there are.
 */
export interface Stored {
  readonly scale: readonly number[]
  readonly shift: readonly number[]
}

/** The numbers that bytes stand for, float32, rounded after the product and after the sum as a program does. */
export const fromBytes = (bytes: Uint8Array, { scale, shift }: Stored): Float32Array => {
  const [factors, terms] = [Float32Array.from(scale), Float32Array.from(shift)]
  return Float32Array.from(bytes, (byte, i) => Math.fround(byte * factors[i % factors.length]!) + terms[i % terms.length]!)
}
