import { writeFileSync } from "node:fs"
import asc from "assemblyscript/asc"

/** AssemblyScript sources, and what each is compiled to. */
export const modules = [
  { source: "lib/data/resample/resample.as.ts", made: "lib/data/resample/resample-module.ts", name: "resampleModule" }
] as const

/** The TypeScript that carries a source's compiled module. Throws what the compiler said. */
export const compiled = async ({ source, name }: (typeof modules)[number]): Promise<string> => {
  const flags = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd", "--outFile", "made.wasm"]
  let wasm = new Uint8Array()
  const { error, stderr } = await asc.main([source, ...flags], {
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") wasm = Uint8Array.from(contents)
    }
  })
  if (error) throw new Error(stderr.toString())
  const base64 = Buffer.from(wasm).toString("base64")
  const file = source.slice(source.lastIndexOf("/") + 1)
  return `/** ${file} as WebAssembly, in base64: made by \`npm run build:wasm\`. */\nexport const ${name} =\n  "${base64}"\n`
}

if (import.meta.main) for (const module of modules) writeFileSync(module.made, await compiled(module))
