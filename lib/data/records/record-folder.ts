import { Effect } from "effect"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { plainFields } from "../sample-value.ts"
import { checkOptions, type Location } from "../sources/location.ts"
import { recordRows } from "./record-rows.ts"
import { recordSource } from "./record-source.ts"

const imageName = /\.(?:jpe?g|png|webp)$/i

/** True where samples of these fields are images alone, or images whose class is the name of the folder that each is in. */
export const areOfFolder = (fields: Fields): boolean =>
  Object.hasOwn(fields, "image") && plainFields(fields).every((name) => name === "label") && Object.keys(fields).length < 3

/**
 * A folder of images, at any depth, without texts: `image` alone, or with `label`, the name of the top-level folder that each is
 * in, as in torchvision's `ImageFolder`. An image in no such folder has no class and is a bad one.
 */
export const recordFolder = Effect.fn("data.recordFolder")(function* (
  location: Location,
  fields: Fields,
  files: readonly string[]
) {
  yield* checkOptions(location, "a folder of images", [])
  const [issues, all] = [readIssues(), recordRows(fields)]
  const names = files.filter((name) => imageName.test(name)).sort()
  for (const name of names) {
    const top = name.includes("/") ? name.slice(0, name.indexOf("/")) : undefined
    const wrong = all.add((field) => (field === "image" ? name : top), name)
    if (wrong !== undefined) issues.bad("image that is in no class's folder", name)
  }
  const refusal = issues.refusal({ entries: names.length, used: all.count(), noun: "images" })
  if (refusal !== undefined) return yield* new DataError({ file: location.name, problem: refusal })
  const made = ["folder", names]
  return yield* recordSource({ location, fields, ...all.done(), made, issues: issues.all(), base: location.path })
})
