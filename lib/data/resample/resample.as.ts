// AssemblyScript, compiled to resample-module.ts by `npm run build:wasm`; types and functions are WebAssembly's.

/** Widens a row of bytes [width, 3] to float32 [width, 4]: the fourth of each is the next pixel's first, and has weight 0. */
function widen(from: usize, to: usize, width: i32): void {
  for (let x = 0; x < width; x++) {
    const bytes = v128.load32_zero(from)
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes))
    v128.store(to, f32x4.convert_i32x4_s(words))
    from += 3
    to += 16
  }
}

/** Samples a widened row at `size` positions: float32 [size, 3]. One element more is written after it. */
function across(line: usize, to: usize, size: i32, taps: i32, first: usize, weights: usize): void {
  if (taps == 4) {
    for (let x = 0; x < size; x++) {
      const at = line + (<usize>load<i32>(first) << 4)
      let sum = f32x4.mul(v128.load32_splat(weights), v128.load(at))
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights, 4), v128.load(at, 16)))
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights, 8), v128.load(at, 32)))
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights, 12), v128.load(at, 48)))
      v128.store(to, sum)
      first += 4
      weights += 16
      to += 12
    }
    return
  }
  for (let x = 0; x < size; x++) {
    let at = line + (<usize>load<i32>(first) << 4)
    let sum = f32x4.splat(0)
    for (let tap = 0; tap < taps; tap++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights), v128.load(at)))
      weights += 4
      at += 16
    }
    v128.store(to, sum)
    first += 4
    to += 12
  }
}

/** Computes four sums of `taps` rows that lie `stride` bytes apart, rounded to integers. */
@inline
function four(from: usize, stride: usize, taps: i32, weights: usize): v128 {
  let sum = f32x4.splat(0.5)
  for (let tap = 0; tap < taps; tap++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights), v128.load(from)))
    from += stride
    weights += 4
  }
  return i32x4.trunc_sat_f32x4_s(sum)
}

@inline
function fourOf4(from: usize, stride: usize, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  let sum = f32x4.add(f32x4.splat(0.5), f32x4.mul(w0, v128.load(from)))
  sum = f32x4.add(sum, f32x4.mul(w1, v128.load(from + stride)))
  sum = f32x4.add(sum, f32x4.mul(w2, v128.load(from + 2 * stride)))
  sum = f32x4.add(sum, f32x4.mul(w3, v128.load(from + 3 * stride)))
  return i32x4.trunc_sat_f32x4_s(sum)
}

/** Converts sixteen integers to bytes, clamped to 0–255. */
@inline
function narrow(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)))
}

/** Computes one row of the result, `length` bytes and up to 15 more: sampled down the columns of rows `stride` bytes apart. */
function down(from: usize, stride: usize, to: usize, length: i32, taps: i32, weights: usize): void {
  if (taps == 4) {
    const w0 = v128.load32_splat(weights)
    const w1 = v128.load32_splat(weights, 4)
    const w2 = v128.load32_splat(weights, 8)
    const w3 = v128.load32_splat(weights, 12)
    for (let i = 0; i < length; i += 16) {
      const a = fourOf4(from, stride, w0, w1, w2, w3)
      const b = fourOf4(from + 16, stride, w0, w1, w2, w3)
      const c = fourOf4(from + 32, stride, w0, w1, w2, w3)
      const d = fourOf4(from + 48, stride, w0, w1, w2, w3)
      narrow(to, a, b, c, d)
      from += 64
      to += 16
    }
    return
  }
  for (let i = 0; i < length; i += 16) {
    const a = four(from, stride, taps, weights)
    const b = four(from + 16, stride, taps, weights)
    const c = four(from + 32, stride, taps, weights)
    const d = four(from + 48, stride, taps, weights)
    narrow(to, a, b, c, d)
    from += 64
    to += 16
  }
}

/** Maps bytes [n, 3] by a table, float32 [3, 256]. */
function lookUp(from: usize, to: usize, pixels: i32, table: usize): void {
  for (let i = 0; i < pixels; i++) {
    store<f32>(to, load<f32>(table + (<usize>load<u8>(from) << 2)))
    store<f32>(to, load<f32>(table + (<usize>load<u8>(from, 1) << 2), 1024), 4)
    store<f32>(to, load<f32>(table + (<usize>load<u8>(from, 2) << 2), 2048), 8)
    from += 3
    to += 12
  }
}

/**
 * Writes row `y` of the result, cut at the borders of patches: each run goes to its patch, through the table unless it is 0.
 * Without patches it goes to its place in the image.
 */
function cut(row: usize, y: i32, out: usize, size: i32, patch: i32, table: usize): void {
  if (patch == 0) {
    memory.copy(out + y * size * 3, row, size * 3)
    return
  }
  const columns = size / patch
  const inside = y % patch
  const run = patch * 3
  for (let column = 0; column < columns; column++) {
    const place = (((y / patch) * columns + column) * patch + inside) * run
    if (table) lookUp(row, out + (<usize>place << 2), patch, table)
    else memory.copy(out + place, row, run)
    row += run
  }
}

/**
 * Scales a box of bytes, [height, width, 3] with rows `stride` bytes apart, to `size` × `tall`, and cuts it into patches: see
 * resample.ts. `line` has room for float32 [width, 4], `rows` for [height, size · 3 padded to a multiple of 16 and 16 more],
 * `made` for a row of bytes and 16 more.
 */
export function resample(
  data: usize, stride: i32, width: i32, height: i32, size: i32, tall: i32, patch: i32,
  acrossTaps: i32, acrossFirst: usize, acrossWeights: usize,
  downTaps: i32, downFirst: usize, downWeights: usize,
  line: usize, rows: usize, rowStride: i32, made: usize, table: usize, out: usize
): void {
  let row = rows
  for (let y = 0; y < height; y++) {
    widen(data, line, width)
    across(line, row, size, acrossTaps, acrossFirst, acrossWeights)
    data += stride
    row += rowStride
  }
  for (let y = 0; y < tall; y++) {
    const from = rows + <usize>load<i32>(downFirst + (<usize>y << 2)) * rowStride
    down(from, rowStride, made, size * 3, downTaps, downWeights + <usize>(y * downTaps) * 4)
    cut(made, y, out, size, patch, table)
  }
}
