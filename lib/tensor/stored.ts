/**
 * Byte storage of a float32 field until a program reads it: value = byte · scale + shift, with scales and shifts cycled along the
 * last dimension, whose size is a multiple of their number.
 */
export interface Stored {
  readonly scale: readonly number[]
  readonly shift: readonly number[]
}

/** Decodes bytes to float32, rounded after the product and after the sum as in a program. */
export const fromBytes = (bytes: Uint8Array, { scale, shift }: Stored): Float32Array => {
  const [factors, terms] = [Float32Array.from(scale), Float32Array.from(shift)]
  return Float32Array.from(bytes, (byte, i) => Math.fround(byte * factors[i % factors.length]!) + terms[i % terms.length]!)
}
