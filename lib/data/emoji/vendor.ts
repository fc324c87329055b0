/** The sets of images, by the name that ids use, and the npm package of each; sets without code points come last. */
export const vendors = {
  noto: "@iconify-json/noto",
  fluent: "@iconify-json/fluent-emoji-flat",
  openmoji: "@iconify-json/openmoji",
  twemoji: "@iconify-json/twemoji",
  "noto-v1": "@iconify-json/noto-v1",
  emojione: "@iconify-json/emojione",
  "emojione-v1": "@iconify-json/emojione-v1"
} as const

export type Vendor = keyof typeof vendors

/** The package with names and tags. */
export const textPackage = "emojibase-data"

/** The vendor held out of training: evaluation is on an unseen style of drawing. */
export const heldOutVendor = "twemoji" satisfies Vendor

/** The vendors available for training. */
export const trainingVendors = [
  "noto",
  "fluent",
  "openmoji",
  "noto-v1",
  "emojione",
  "emojione-v1"
] as const satisfies readonly Vendor[]
