import { hash } from "node:crypto"

/** True where a list names an image by a URL: it is fetched, and is not in a folder. */
export const isUrl = (name: string): boolean => /^\s*https?:\/\//i.test(name)

/**
 * Returns the id of an image of a list: its name; for a URL, which may contain secrets that must not be logged, 64 bits of its
 * SHA-256.
 */
export const imageId = (name: string): string => (isUrl(name) ? `url-${hash("sha256", name).slice(0, 16)}` : name)
