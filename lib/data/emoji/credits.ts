import { Effect, Schema } from "effect"
import type { Credit } from "../source.ts"
import { packageFile } from "./package-file.ts"
import { textPackage, type Vendor, vendors } from "./vendor.ts"

const SetInfo = Schema.Struct({
  name: Schema.String,
  author: Schema.Struct({ name: Schema.String, url: Schema.String }),
  license: Schema.Struct({ spdx: Schema.String })
})

const PackageInfo = Schema.Struct({ name: Schema.String, version: Schema.String })
const TextInfo = Schema.Struct({ author: Schema.String, license: Schema.String })

/** Loads the authors of some vendors' images, from each set's own `info.json`, and the authors of the names and tags. */
export const loadCredits = Effect.fn("emoji.loadCredits")(function* (chosen: readonly Vendor[]) {
  const credits: Credit[] = []
  for (const vendor of chosen) {
    const { name, author, license } = yield* packageFile(`${vendors[vendor]}/info.json`, SetInfo)
    credits.push({ name, author: author.name, licence: license.spdx, url: author.url })
  }
  const text = yield* packageFile(`${textPackage}/package.json`, TextInfo)
  credits.push({
    name: "Emojibase (from Unicode CLDR)",
    author: text.author,
    licence: text.license,
    url: "https://emojibase.dev"
  })
  return credits as readonly Credit[]
})

/** Loads the installed versions of the packages behind some vendors' pairs, as `name@version`. */
export const loadVersions = Effect.fn("emoji.loadVersions")(function* (chosen: readonly Vendor[]) {
  const packages = [...chosen.map((vendor): string => vendors[vendor]), textPackage]
  const infos = yield* Effect.forEach(packages, (name) => packageFile(`${name}/package.json`, PackageInfo))
  return infos.map(({ name, version }) => `${name}@${version}`)
})
