// 16-bit halves of the two multipliers and the Weyl increments of Philox4x32 (Salmon et al., SC'11, table 2).
const M0 = 0xd2511f53
const M0_HIGH = M0 >>> 16
const M0_LOW = M0 & 0xffff
const M1 = 0xcd9e8d57
const M1_HIGH = M1 >>> 16
const M1_LOW = M1 & 0xffff
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/**
 * Writes one block of Philox4x32-10, a function of a 64-bit key and a 128-bit counter, to `out[at]` … `out[at + 3]`.
 * Words are the low 32 bits of the given numbers, least significant word of the counter first, as in Random123. Source: Salmon,
 * Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, doi:10.1145/2063384.2063405.
 */
export const philox = (
  out: Uint32Array,
  at: number,
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number
): void => {
  let k0 = key0 | 0
  let k1 = key1 | 0
  let c0 = counter0 | 0
  let c1 = counter1 | 0
  let c2 = counter2 | 0
  let c3 = counter3 | 0
  for (let round = 0; round < 10; round++) {
    // High word of 32 × 32 bits from four 16 × 16 products; written out twice, since a call would cost a third of the speed.
    const low0 = c0 & 0xffff
    const high0 = c0 >>> 16
    const middle0 = (Math.imul(M0_LOW, high0) + (Math.imul(M0_LOW, low0) >>> 16)) | 0
    const carry0 = (Math.imul(M0_HIGH, low0) + (middle0 & 0xffff)) | 0
    const top0 = (Math.imul(M0_HIGH, high0) + (middle0 >>> 16) + (carry0 >>> 16)) | 0
    const low1 = c2 & 0xffff
    const high1 = c2 >>> 16
    const middle1 = (Math.imul(M1_LOW, high1) + (Math.imul(M1_LOW, low1) >>> 16)) | 0
    const carry1 = (Math.imul(M1_HIGH, low1) + (middle1 & 0xffff)) | 0
    const top1 = (Math.imul(M1_HIGH, high1) + (middle1 >>> 16) + (carry1 >>> 16)) | 0
    const bottom0 = Math.imul(M0, c0)
    const bottom1 = Math.imul(M1, c2)
    c0 = top1 ^ c1 ^ k0
    c1 = bottom1
    c2 = top0 ^ c3 ^ k1
    c3 = bottom0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[at] = c0
  out[at + 1] = c1
  out[at + 2] = c2
  out[at + 3] = c3
}
