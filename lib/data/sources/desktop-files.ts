/** Files that Windows' explorer leaves, in lower case. */
const windows: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini"])

/** Folders of programs' own copies. */
const ownFolder = /(?:^|\/)(?:@eaDir|\.ipynb_checkpoints|\.thumbnails|\.Trashes)\//

/**
 * Why a file or a member of a tar is none of a data set but what a desktop left there, by its name: macOS's resource forks (`._a.jpg`,
 * which have the names of pictures), its other files and those of Windows; `undefined` for all others. As WebDataset, which passes
 * over names that begin with a dot.
 */
export const desktopFile = (name: string): string | undefined => {
  const start = name.lastIndexOf("/") + 1
  const isDot = name.charCodeAt(start) === 0x2e
  if ((isDot && name.charCodeAt(start + 1) === 0x5f) || name.startsWith("__MACOSX/") || name.includes("/__MACOSX/"))
    return "resource fork of macOS"
  if (isDot) return "hidden file"
  const last = name.charCodeAt(name.length - 1)
  // Only what ends as one of them is looked at further: there may be millions.
  if ((last === 0x62 || last === 0x69 || last === 0x42 || last === 0x49) && windows.has(name.slice(start).toLowerCase()))
    return "file of Windows' explorer"
  return start > 0 && (name.includes("@") || name.includes("/.") || name[0] === ".") && ownFolder.test(name)
    ? "file in a folder of a program's own"
    : undefined
}
