/** Files that Windows' explorer leaves, in lower case. */
const windows: ReadonlySet<string> = new Set(["thumbs.db", "ehthumbs.db", "desktop.ini"])

/** Folders of programs' own copies, and macOS's folder of resource forks. */
const ownFolder = /(?:^|\/)(?:__MACOSX|@eaDir|\.ipynb_checkpoints|\.thumbnails|\.Trashes)(?:\/|$)/

/** Returns the reason why a file is a desktop's, by the last part of its name alone. */
const byBaseName = (name: string): string | undefined => {
  const start = name.lastIndexOf("/") + 1
  if (name.charCodeAt(start) === 0x2e) return name.charCodeAt(start + 1) === 0x5f ? "resource fork of macOS" : "hidden file"
  // Only names that end like one of them are examined further: there may be millions.
  const last = name.charCodeAt(name.length - 1) | 0x20
  if (last !== 0x62 && last !== 0x69) return undefined
  return windows.has(name.slice(start).toLowerCase()) ? "file of Windows' explorer" : undefined
}

/**
 * Returns the reason, by its name, why a file or a member of a tar was left by a desktop and is not part of the data set: macOS's
 * resource forks (`._a.jpg`, which have the names of images), its other files and those of Windows, and copies in programs' own
 * folders; `undefined` for all others. As WebDataset, which skips names that begin with a dot.
 */
export const desktopFile = (name: string): string | undefined => {
  const folder = name.includes("/") ? ownFolder.exec(name)?.[0] : undefined
  if (folder === undefined) return byBaseName(name)
  return folder.includes("__MACOSX") ? "resource fork of macOS" : (byBaseName(name) ?? "file in a folder of a program's own")
}

/**
 * Returns `desktopFile` for the names in a folder that include its subfolders: where none is a desktop's folder, names are not
 * tested for one.
 */
export const desktopFilesAmong = (names: readonly string[]): ((name: string) => string | undefined) => {
  const isFolder = (name: string) => {
    const first = name.charCodeAt(name.lastIndexOf("/") + 1)
    return (first === 0x5f || first === 0x40 || first === 0x2e) && ownFolder.test(name)
  }
  return names.some(isFolder) ? desktopFile : byBaseName
}
