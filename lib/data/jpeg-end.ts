/** Markers without a segment: TEM, and the restarts within a scan. */
const bare = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)

/**
 * Markers that a decoder reads or skips: frames, tables, scans, data of applications, comments; the others are errors to libjpeg.
 */
const known = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xdd) || (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe

/** Markers that may not come after the first scan: another start of an image or of a frame. */
const starts = (marker: number): boolean =>
  marker === 0xd8 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc)

/**
 * Follows the markers of a JPEG, without decoding: whether there is an end, and the first marker at which every decoder stops.
 */
const follow = (bytes: Buffer): { readonly ended: boolean; readonly stray?: number } => {
  let [scanned, restarts] = [false, false]
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1]!
    if (marker === 0xff) at++
    else if (marker === 0 || bare(marker)) at += 2
    else if (marker === 0xd9) return { ended: true }
    // Where there are restarts, decoders skip bytes that are not an image's marker, and continue at the next restart.
    else if (scanned && restarts && marker < 0xc0) at += 2
    else if (!known(marker) || (scanned && starts(marker))) return { ended: bytes.indexOf("ffd9", at, "hex") >= 0, stray: marker }
    else if (at + 4 > bytes.length) return { ended: false }
    else {
      scanned ||= marker === 0xda
      restarts ||= marker === 0xdd && bytes.readUInt16BE(Math.min(at + 4, bytes.length - 2)) > 0
      at += 2 + bytes.readUInt16BE(at + 2)
    }
  }
  return { ended: false }
}

/**
 * True where a JPEG has its end marker. A marker inside a segment, as of a thumbnail in EXIF, does not count; bytes between
 * segments are skipped, as by libjpeg.
 */
export const jpegHasEnd = (bytes: Buffer): boolean => follow(bytes).ended

/**
 * Returns the first marker of a JPEG at which decoders stop with an error: damage within the coded pixels, which are lost from
 * there on.
 */
export const strayMarker = (bytes: Buffer): number | undefined => follow(bytes).stray
