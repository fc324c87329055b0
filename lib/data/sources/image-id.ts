import { hash } from "node:crypto"

/** Whether a list names an image by a URL: it is fetched, and is in no folder. */
export const isUrl = (name: string): boolean => /^\s*https?:\/\//i.test(name)

/**
 * What an image of a list is called: by its name; one of a URL, which may hold secrets that logs must not have, by 64 bits of its
 * SHA-256.
 */
export const imageId = (name: string): string => (isUrl(name) ? `url-${hash("sha256", name).slice(0, 16)}` : name)
