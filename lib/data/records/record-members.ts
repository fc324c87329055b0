import type { Fields } from "../../tensor/field.ts"
import { type Location, optionParts } from "../sources/location.ts"

/** Names that members and columns of known fields may have besides the field's own, in the order of the search. */
const otherNames: { readonly [field: string]: readonly string[] } = {
  image: ["file_name", "filepath", "image_path", "filename", "image_name", "path", "img", "jpg", "png", "url"],
  captions: ["caption", "text", "title", "sentence", "sentences", "description"],
  text: ["caption", "sentence", "content", "title"],
  label: ["class", "class_name", "category", "cls", "fine_label", "target"],
  question: ["text", "sent"],
  answers: ["answer", "multiple_choice_answer"]
}

/**
 * Returns the names under which a field is searched for: the one that `?FIELD=NAME` gives, or its own and then usual
 * alternatives.
 */
export const namesOf = (field: string, location: Location): readonly string[] => {
  const [named] = optionParts(location, field)
  return named === undefined ? [field, ...(Object.hasOwn(otherNames, field) ? otherNames[field]! : [])] : [named]
}

/**
 * Returns the name, among those available, that each field is read from, each at most once; or a message about a field without
 * one.
 */
export const membersOf = (fields: Fields, location: Location, there: readonly string[]): ReadonlyMap<string, string> | string => {
  const taken = new Set<string>(Object.keys(fields).filter((field) => there.includes(field) && !location.options.has(field)))
  const members = new Map<string, string>()
  for (const field of Object.keys(fields)) {
    const found = namesOf(field, location).find((name) => there.includes(name) && (name === field || !taken.has(name)))
    if (found === undefined) {
      const shown = there.slice(0, 20).map((name) => name.slice(0, 40))
      return `nothing for '${field}'; there is ${shown.join(", ") || "nothing"}: name what it is by ?${field}=NAME`
    }
    taken.add(found)
    members.set(field, found)
  }
  return members
}
