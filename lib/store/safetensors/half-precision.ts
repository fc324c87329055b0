/** Widens float16 bits (IEEE 754 binary16) to float32, exactly, including infinities and NaN payloads. */
export const widenFloat16 = (bits: Uint16Array, out: Float32Array): void => {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i]!
    const sign = (half & 0x8000) << 16
    const exponent = (half >>> 10) & 31
    const fraction = half & 0x3ff
    if (exponent === 0) {
      out[i] = fraction * 2 ** -24
      words[i]! |= sign
    } else words[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)
  }
}

/** Widens bfloat16 bits, the upper half of a float32, to float32, exactly. */
export const widenBfloat16 = (bits: Uint16Array, out: Float32Array): void => {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16
}
