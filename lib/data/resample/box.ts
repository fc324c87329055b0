import type { Size } from "../stored-size.ts"

/** A rectangle of whole pixels in an image. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const round = (x: number) => Math.floor(x + 0.5)

/** Returns the whole image. */
export const wholeBox = ({ width, height }: Size): Box => ({ x: 0, y: 0, width, height })

/** Returns the largest centred box whose width / height is within bounds. */
export const centreBox = ({ width, height }: Size, [low, high]: readonly [number, number] = [1, 1]): Box => {
  const kept =
    width / height < low
      ? { width, height: Math.max(1, Math.min(height, round(width / low))) }
      : width / height > high
        ? { width: Math.max(1, Math.min(width, round(height * high))), height }
        : { width, height }
  return { x: Math.floor((width - kept.width) / 2), y: Math.floor((height - kept.height) / 2), ...kept }
}
