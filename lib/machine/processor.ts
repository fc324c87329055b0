import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { cpus } from "node:os"

/** Properties of a processor that affect the results of kernels. */
export interface Processor {
  /**
   * Architecture, widest vector instructions, and the matrix and low-precision ones that kernels choose by: `x64-avx2`,
   * `x64-avx512+vnni+bf16`, `arm64-neon+fp16+dot`. Sums are rounded in another order on another kind.
   */
  readonly kind: string
  /** The model's name, for display; empty where the system gives none. */
  readonly model: string
  /** Widest vector instructions as manifests of shards name them; the architecture where the system is not Linux. */
  readonly simd: string
  /** Lines of /proc/cpuinfo with the model and the flags, by which caches of compiled code are named; empty elsewhere. */
  readonly lines: readonly [model: string, flags: string]
}

/** The operating system's description of its processor. */
export interface SystemFacts {
  readonly arch: string
  readonly model: string
  /** /proc/cpuinfo of Linux. */
  readonly cpuinfo?: string
  /** Output of `sysctl machdep.cpu hw.optional` on macOS. */
  readonly sysctl?: string
}

/** Vector instructions in a manifest's words by the flag in Linux's, widest first. */
const manifestLevels: ReadonlyArray<readonly [flag: string, level: string]> = [
  ["avx512f", "avx512"],
  ["avx2", "avx2"],
  ["sse4_2", "sse4"],
  ["sve2", "sve2"],
  ["sve", "sve"],
  ["asimd", "neon"]
]

interface Instructions {
  /** Vector instructions by all flags that kernels require together, widest first. */
  readonly levels: ReadonlyArray<readonly [level: string, flags: readonly string[]]>
  /** Further instructions, present with any of their flags. */
  readonly additions: ReadonlyArray<readonly [name: string, flags: readonly string[]]>
}

/** Separate names, since AMD's `sme` encrypts memory and ARM's multiplies matrices. */
const x86: Instructions = {
  levels: [
    ["avx512", ["avx512f", "avx512bw", "avx512dq", "avx512vl"]],
    ["avx512f", ["avx512f"]], // Xeon Phi
    ["avx2", ["avx2", "fma"]], // without FMA kernels are those of AVX
    ["avx", ["avx"]],
    ["sse4", ["sse4_2"]]
  ],
  additions: [
    ["vnni", ["avx512_vnni", "avx_vnni"]],
    ["fp16", ["avx512_fp16"]],
    ["bf16", ["avx512_bf16"]],
    ["amx", ["amx_tile"]]
  ]
}
const arm: Instructions = {
  levels: [
    ["sve2", ["sve2"]],
    ["sve", ["sve"]],
    ["neon", ["asimd"]],
    ["neon", ["neon"]]
  ],
  additions: [
    ["fp16", ["asimdhp"]],
    ["dot", ["asimddp"]],
    ["i8mm", ["i8mm"]],
    ["bf16", ["bf16"]],
    ["sme", ["sme"]]
  ]
}
const instructions: Readonly<Record<string, Instructions>> = { x64: x86, ia32: x86, arm64: arm, arm }

/** Linux's names for macOS's flags of ARM processors. */
const appleFlags: Readonly<Record<string, string>> = {
  "hw.optional.neon": "asimd",
  "hw.optional.AdvSIMD": "asimd",
  "hw.optional.arm.FEAT_FP16": "asimdhp",
  "hw.optional.arm.FEAT_DotProd": "asimddp",
  "hw.optional.arm.FEAT_I8MM": "i8mm",
  "hw.optional.arm.FEAT_BF16": "bf16",
  "hw.optional.arm.FEAT_SME": "sme"
}

const words = (text: string | undefined): readonly string[] => text?.trim().split(/\s+/) ?? []

const linuxFlags = (cpuinfo: string): ReadonlySet<string> => new Set(words(/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]))

const macFlags = (sysctl: string): ReadonlySet<string> => {
  const flags = new Set<string>()
  for (const line of sysctl.split("\n")) {
    const [, name = "", value = ""] = /^([\w.]+):\s*(.*)$/.exec(line) ?? []
    if (/^machdep\.cpu\.(?:leaf7_)?features$/.test(name))
      for (const word of words(value))
        flags.add(word.toLowerCase().replace("avx1.0", "avx").replace("avx512vnni", "avx512_vnni").replace(".", "_"))
    const flag = appleFlags[name]
    if (flag !== undefined && value.trim() === "1") flags.add(flag)
  }
  return flags
}

/** Returns the processor that a system describes. */
export const processorOf = ({ arch, model, cpuinfo, sysctl }: SystemFacts): Processor => {
  const flags = cpuinfo !== undefined ? linuxFlags(cpuinfo) : macFlags(sysctl ?? "")
  const { levels, additions } = instructions[arch] ?? { levels: [], additions: [] }
  const level = levels.find(([, needed]) => needed.every((flag) => flags.has(flag)))?.[0]
  const added = additions.flatMap(([name, any]) => (any.some((flag) => flags.has(flag)) ? [`+${name}`] : []))
  const line = (pattern: RegExp): string => pattern.exec(cpuinfo ?? "")?.[0] ?? ""
  return {
    kind: `${arch}${level === undefined ? "" : `-${level}`}${added.join("")}`,
    model: model.trim(),
    simd: cpuinfo === undefined ? arch : (manifestLevels.find(([flag]) => flags.has(flag))?.[1] ?? arch),
    lines: [line(/^model name.*$/m), line(/^flags.*$/m)]
  }
}

const ifThere = (read: () => string): string | undefined => {
  try {
    return read()
  } catch {
    return undefined // another system, or one that hides it: the architecture stands alone then
  }
}

const readFacts = (): SystemFacts => {
  const cpuinfo = ifThere(() => readFileSync("/proc/cpuinfo", "utf8"))
  const sysctl =
    process.platform === "darwin"
      ? ifThere(() =>
          execFileSync("/usr/sbin/sysctl", ["machdep.cpu", "hw.optional"], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
            timeout: 5000
          })
        )
      : undefined
  return {
    arch: process.arch,
    model: cpus()[0]?.model ?? "",
    ...(cpuinfo === undefined ? {} : { cpuinfo }),
    ...(sysctl === undefined ? {} : { sysctl })
  }
}

let found: Processor | undefined

/** Returns this machine's processor, determined once. */
export const thisProcessor = (): Processor => {
  found ??= processorOf(readFacts())
  return found
}
