// Plain JS that any Node ≥ 20 runs: installs what the `tensorflow` engine needs, in a private folder of the user's cache (or
// SEMMIM_TENSORFLOW): TensorFlow's libraries from PyPI, and the binding of @tensorflow/tfjs-node(-gpu), whose own install script
// is not run, since it would download a TensorFlow that supports no current Node or GPU. `npm run setup:tensorflow [-- --gpu]`
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { binding, cudaLibraries, headers, nodeHeaders, nvidia, wheels } from "./tensorflow-parts.mjs"

const gpu = process.argv.includes("--gpu")
const device = gpu ? "gpu" : "cpu"
const home = process.env.SEMMIM_TENSORFLOW ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "semmim", "tensorflow")
const folder = join(home, device)
const making = `${folder}.${process.pid}`
const wheel = wheels[device]
const madeFrom = JSON.stringify(
  { tensorflow: wheel.version, binding: binding[device].version, parts: [binding[device], nodeHeaders, wheel, ...(gpu ? nvidia : [])] },
  null,
  1
)

const say = (line) => process.stderr.write(`semmim: ${line}\n`)
const refuse = (line) => {
  rmSync(making, { recursive: true, force: true })
  say(line)
  process.exit(1)
}

/** Runs a program to its end; if it fails, exits with one line: the step, and the last line of the program's output. */
const run = (doing, command, args, options = {}) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 26, ...options })
  if (status === 0) return stdout
  const said = `${stderr ?? ""}`.trim().split("\n").filter((line) => !line.startsWith("[notice]"))
  const wrong = said.filter((line) => /error/i.test(line))
  return refuse(`${doing} failed: ${error?.message ?? wrong.at(-1) ?? said.at(-1) ?? `${command} ended with ${status}`}`)
}

const works = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0
const found = (what, candidates, args, advice) =>
  candidates.find((command) => command && works(command, args)) ?? refuse(`${what} is needed, and there is none: ${advice}`)

/** Downloads an npm package without running any of its scripts, checks its digest, and unpacks it. */
const unpackPackage = ({ name, version, integrity }) => {
  const [{ filename }] = JSON.parse(
    run(`downloading ${name}`, "npm", ["pack", `${name}@${version}`, "--ignore-scripts", "--json", "--loglevel=error", "--pack-destination", making])
  )
  const file = join(making, filename.replace("@", "").replace("/", "-"))
  const digest = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`
  if (digest !== integrity) refuse(`${name} ${version} from the registry is not what was expected: its digest is ${digest}, not ${integrity}`)
  const into = join(making, name.replaceAll("/", "-"))
  mkdirSync(into)
  run(`unpacking ${name}`, "tar", ["-xzf", file, "-C", into, "--strip-components=1"])
  return into
}

/**
 * Downloads packages with pip, which checks their digests, for one Python version whatever runs here: only the libraries in them
 * are used.
 */
const pip = (doing, python, command, packages, args) => {
  const list = join(making, "requirements.txt")
  writeFileSync(list, packages.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(""))
  const platforms = ["2_27", "2_18", "2_17", "2_12", "2_5"].map((glibc) => `manylinux_${glibc}_x86_64`)
  const only = [...platforms, "manylinux2014_x86_64", "manylinux2010_x86_64"].flatMap((platform) => ["--platform", platform])
  run(doing, python, ["-m", "pip", command, "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp", ...only, "-r", list, ...args])
}

const extract = `
import sys, zipfile
archive, into, wanted = zipfile.ZipFile(sys.argv[1]), sys.argv[2], tuple(sys.argv[3:])
for name in archive.namelist():
    if name.startswith(wanted): archive.extract(name, into)
`

if (process.platform !== "linux" || process.arch !== "x64")
  refuse(`the tensorflow engine can be set up on Linux x64 only, and this is ${process.platform} ${process.arch}`)
const stamp = join(folder, "made-from.json")
if (existsSync(stamp) && readFileSync(stamp, "utf8") === madeFrom && existsSync(join(folder, "binding.node"))) {
  say(`TensorFlow ${wheel.version} for the ${device.toUpperCase()} is set up already in ${folder}`)
  process.exit(0)
}
const compiler = found("a C++ compiler", [process.env.CXX, "g++", "c++", "clang++"], ["--version"], "install g++ (Debian: apt install g++)")
const python = found("Python 3 with pip", [process.env.PYTHON, "python3", "python"], ["-m", "pip", "--version"], "install it (Debian: apt install python3-pip)")
found("tar", ["tar"], ["--version"], "install it")

rmSync(making, { recursive: true, force: true })
mkdirSync(making, { recursive: true })
say(`downloading TensorFlow ${wheel.version} for the ${device.toUpperCase()} (${wheel.size}) into ${folder}`)
const sources = unpackPackage(binding[device])
const node = unpackPackage(nodeHeaders)
pip(`downloading ${wheel.name}`, python, "download", [wheel], ["--dest", making])
run(`unpacking ${wheel.name}`, python, ["-c", extract, join(making, wheel.file), making, "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2", ...headers.map((path) => `tensorflow/include/${path}`)])
rmSync(join(making, wheel.file))
if (gpu) pip("downloading CUDA", python, "install", nvidia, ["--target", making])

say("compiling the binding")
const cuda = gpu ? cudaLibraries : []
run("compiling the binding", compiler, [
  ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-I${node}/include`, `-I${making}/tensorflow/include`, `-I${sources}`],
  ...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(sources, "binding", file)),
  ...[`-L${making}/tensorflow`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", "-Wl,-rpath,$ORIGIN/tensorflow"],
  // TensorFlow opens CUDA's libraries by name, and finds those that are loaded with the binding.
  "-Wl,--no-as-needed",
  ...cuda.flatMap(([from, file]) => [`-L${making}/nvidia/${from}/lib`, `-l:${file}`, `-Wl,-rpath,$ORIGIN/nvidia/${from}/lib`]),
  ...["-o", join(making, "binding.node")]
])
for (const done of [sources, node, join(making, "tensorflow/include"), join(making, "requirements.txt")]) rmSync(done, { recursive: true })
for (const { name, version } of [binding[device], nodeHeaders]) rmSync(join(making, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`))

// A machine that builds an image may have no GPU: the binding loads without the driver's library.
const check = "const m={exports:{}};process.dlopen(m,process.argv[1]);console.log(m.exports.TF_Version)"
const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", TF_ENABLE_ONEDNN_OPTS: "0", CUDA_VISIBLE_DEVICES: "" }
const version = run("loading the binding", process.execPath, ["-e", check, join(making, "binding.node")], { env }).trim()
if (version !== wheel.version) refuse(`the binding loads TensorFlow ${version}, not ${wheel.version}`)
writeFileSync(join(making, "made-from.json"), madeFrom)
rmSync(folder, { recursive: true, force: true })
renameSync(making, folder)
say(`TensorFlow ${version} for the ${device.toUpperCase()} is set up in ${folder}`)
