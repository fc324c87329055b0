import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { photo } from "./photo.ts"

/** Different images; a longer list has several copies of each. */
const different = 200

/** Writes `count` JPEGs of 640 × 480 into a new folder and a JSON list of them with captions beside it; gives the list's path. */
export const photoList = async (folder: string, count: number): Promise<string> => {
  mkdirSync(folder)
  const photos = await Promise.all(Array.from({ length: Math.min(different, count) }, (_, i) => photo(i, 640, 480, 90)))
  const rows = Array.from({ length: count }, (_, i) => {
    const image = join(folder, `${String(i).padStart(6, "0")}.jpg`)
    writeFileSync(image, photos[i % photos.length]!)
    return { image, caption: `a photograph of the number ${i}` }
  })
  const list = `${folder}.json`
  writeFileSync(list, JSON.stringify(rows))
  return list
}
