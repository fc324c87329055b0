import { type Fields, fieldsText, show } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { fieldsOf, type Source } from "../source.ts"

/**
 * Returns an error that names a wanted field that a source lacks, and its fields, if there is one; the source may have more
 * fields.
 */
export const fieldsFault = (source: Pick<Source<Fields>, "name" | "fields">, wanted: Fields): DataError | undefined => {
  const found = fieldsOf(source)
  for (const [name, field] of Object.entries(wanted)) {
    if (!Object.hasOwn(found, name))
      return new DataError({
        file: source.name,
        problem: `its samples have no '${name}' (${show(field)}), which the pipeline reads; there is ${fieldsText(found)}`
      })
    if (show(found[name]!) !== show(field))
      return new DataError({
        file: source.name,
        problem: `'${name}' of its samples is ${show(found[name]!)}, where the pipeline reads ${show(field)}`
      })
  }
  return undefined
}
