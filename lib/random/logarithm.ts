const float = new Float64Array(1)
const halves = new Uint32Array(float.buffer)

const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10

/**
 * Natural logarithm of a positive, normal double, to within 1 unit in the last place.
 *
 * ECMAScript leaves the precision of `Math.log` to each engine; this function uses exact and correctly rounded operations only,
 * so draws are the same bits everywhere. Argument reduction to m in [√½, √2) and the polynomial of fdlibm's e_log.c (Sun
 * Microsystems, 1993).
 */
export const logarithm = (x: number): number => {
  float[0] = x
  const high = halves[1]!
  // The exponent that leaves m in [√½, √2): adding 0x95f64 carries when the mantissa is at least √2's.
  const carry = ((high & 0xfffff) + 0x95f64) & 0x100000
  const k = (high >>> 20) - 1023 + (carry >>> 20)
  halves[1] = (high & 0xfffff) | (carry ^ 0x3ff00000)
  const f = float[0]! - 1
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  const half = 0.5 * f * f
  return k * LN2_HIGH - (half - (s * (half + even + odd) + k * LN2_LOW) - f)
}
