import { readdirSync, readFileSync } from "node:fs"
import { arch } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { processorOf, thisProcessor } from "../../../lib/machine/processor.ts"

/** Heads of /proc/cpuinfo, as the systems named printed them (lines that do not matter left out). */
const linux = {
  "EPYC of the third generation": {
    arch: "x64",
    cpuinfo: `processor	: 0
vendor_id	: AuthenticAMD
cpu family	: 25
model		: 1
model name	: AMD EPYC
stepping	: 1
flags		: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx mmxext fxsr_opt pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology nonstop_tsc cpuid extd_apicid tsc_known_freq pni pclmulqdq ssse3 fma cx16 pcid sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave avx f16c rdrand hypervisor lahf_lm cmp_legacy cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw topoext vmmcall fsgsbase tsc_adjust bmi1 avx2 smep bmi2 erms invpcid rdseed adx smap clflushopt clwb sha_ni xsaveopt xsavec xgetbv1 xsaves clzero xsaveerptr arat umip vaes vpclmulqdq rdpid fsrm
bugs		: sysret_ss_attrs null_seg spectre_v1 spectre_v2
`,
    kind: "x64-avx2",
    simd: "avx2"
  },
  "EPYC of the fourth generation, with its own sme and sev": {
    arch: "x64",
    cpuinfo:
      "model name\t: AMD EPYC 9654 96-Core Processor\nflags\t\t: fpu sse4_2 fma avx f16c avx2 avx512f avx512dq avx512ifma avx512cd avx512bw avx512vl avx512_bf16 avx512vbmi avx512_vbmi2 avx512_vnni avx512_bitalg avx512_vpopcntdq sme sev sev_es\n",
    kind: "x64-avx512+vnni+bf16",
    simd: "avx512"
  },
  "Xeon with AMX": {
    arch: "x64",
    cpuinfo:
      "model name\t: Intel(R) Xeon(R) Platinum 8480+\nflags\t\t: fpu sse4_1 sse4_2 fma avx f16c avx2 avx512f avx512dq avx512ifma avx512cd avx512bw avx512vl avx_vnni avx512_bf16 avx512vbmi avx512_vbmi2 gfni avx512_vnni avx512_bitalg avx512_vpopcntdq amx_bf16 avx512_fp16 amx_tile amx_int8\n",
    kind: "x64-avx512+vnni+fp16+bf16+amx",
    simd: "avx512"
  },
  "Xeon Phi, whose AVX-512 has no words and bytes": {
    arch: "x64",
    cpuinfo:
      "model name\t: Intel(R) Xeon Phi(TM) CPU 7250 @ 1.40GHz\nflags\t\t: fpu sse4_2 avx avx2 fma f16c bmi2 avx512f avx512cd avx512er avx512pf\n",
    kind: "x64-avx512f",
    simd: "avx512"
  },
  "Core with AVX-VNNI and without AVX-512": {
    arch: "x64",
    cpuinfo:
      "model name\t: 12th Gen Intel(R) Core(TM) i7-12700\nflags\t\t: fpu ssse3 fma sse4_1 sse4_2 avx f16c avx2 avx_vnni gfni vaes\n",
    kind: "x64-avx2+vnni",
    simd: "avx2"
  },
  "AVX2 without FMA, as emulators give it": {
    arch: "x64",
    cpuinfo: "model name\t: QEMU TCG CPU version 2.5+\nflags\t\t: fpu sse2 ssse3 sse4_1 sse4_2 avx avx2\n",
    kind: "x64-avx",
    simd: "avx2"
  },
  "Core of 2011": {
    arch: "x64",
    cpuinfo: "model name\t: Intel(R) Core(TM) i7-2600 CPU @ 3.40GHz\nflags\t\t: fpu sse2 ssse3 sse4_1 sse4_2 avx\n",
    kind: "x64-avx",
    simd: "sse4"
  },
  "an x64 whose flags say nothing": {
    arch: "x64",
    cpuinfo: "model name\t: VirtualCPU\nflags\t\t: fpu sse2\n",
    kind: "x64",
    simd: "x64"
  },
  "Neoverse V2": {
    arch: "arm64",
    cpuinfo: `processor	: 0
BogoMIPS	: 2000.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm sb paca pacg dcpodp sve2 sveaes svepmull svebitperm svesha3 svesm4 flagm2 frint svei8mm svebf16 i8mm bf16 dgh bti
CPU implementer	: 0x41
`,
    kind: "arm64-sve2+fp16+dot+i8mm+bf16",
    simd: "sve2"
  },
  "Cortex-A72": {
    arch: "arm64",
    cpuinfo: "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\n",
    kind: "arm64-neon",
    simd: "neon"
  },
  "a 32-bit ARM": {
    arch: "arm",
    cpuinfo: "model name\t: ARMv7 Processor rev 4 (v7l)\nFeatures\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4\n",
    kind: "arm-neon",
    simd: "arm"
  },
  "an architecture that is not in the tables": {
    arch: "riscv64",
    cpuinfo: "isa\t: rv64imafdcv\n",
    kind: "riscv64",
    simd: "riscv64"
  }
} as const

const mac = {
  "Core i5 of a Mac": {
    arch: "x64",
    sysctl: `machdep.cpu.brand_string: Intel(R) Core(TM) i5-5250U CPU @ 1.60GHz
machdep.cpu.features: FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFSH DS ACPI MMX FXSR SSE SSE2 SS HTT TM PBE SSE3 PCLMULQDQ DTES64 MON DSCPL VMX EST TM2 SSSE3 FMA CX16 TPR PDCM SSE4.1 SSE4.2 x2APIC MOVBE POPCNT AES PCID XSAVE OSXSAVE SEGLIM64 TSCTMR AVX1.0 RDRAND F16C
machdep.cpu.leaf7_features: RDWRFSGS TSC_THREAD_OFFSET BMI1 AVX2 SMEP BMI2 ERMS INVPCID FPU_CSDS RDSEED ADX SMAP IPT MDCLEAR IBRS STIBP L1DF SSBD
`,
    kind: "x64-avx2"
  },
  "Xeon W of a Mac": {
    arch: "x64",
    sysctl:
      "machdep.cpu.features: FPU SSE SSE2 SSE3 SSSE3 FMA SSE4.1 SSE4.2 AVX1.0 F16C\nmachdep.cpu.leaf7_features: BMI1 AVX2 AVX512F AVX512DQ AVX512CD AVX512BW AVX512VL AVX512VNNI\n",
    kind: "x64-avx512+vnni"
  },
  "Apple M1": {
    arch: "arm64",
    sysctl:
      "hw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_BF16: 0\nhw.optional.arm.FEAT_I8MM: 0\nhw.optional.arm.FEAT_FP16: 1\nhw.optional.neon: 1\nmachdep.cpu.brand_string: Apple M1\n",
    kind: "arm64-neon+fp16+dot"
  },
  "Apple M4": {
    arch: "arm64",
    sysctl:
      "hw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_BF16: 1\nhw.optional.arm.FEAT_I8MM: 1\nhw.optional.arm.FEAT_FP16: 1\nhw.optional.arm.FEAT_SME: 1\nhw.optional.arm.AdvSIMD: 0\nhw.optional.AdvSIMD: 1\n",
    kind: "arm64-neon+fp16+dot+i8mm+bf16+sme"
  }
} as const

describe("kind of processor", () => {
  for (const [name, { arch, cpuinfo, kind, simd }] of Object.entries(linux))
    it(`is ${kind} for ${name}`, () => {
      const found = processorOf({ arch, model: "", cpuinfo })
      assert.deepStrictEqual([found.kind, found.simd], [kind, simd])
    })

  for (const [name, { arch, sysctl, kind }] of Object.entries(mac))
    it(`is ${kind} for ${name}, whose manifests name the architecture`, () => {
      const found = processorOf({ arch, model: "", sysctl })
      assert.deepStrictEqual([found.kind, found.simd, found.lines], [kind, arch, ["", ""]])
    })

  it("is the architecture where the system says nothing", () => {
    const { kind, simd, lines, model } = processorOf({ arch: "x64", model: " Some Processor  " })
    assert.deepStrictEqual([kind, simd, lines, model], ["x64", "x64", ["", ""], "Some Processor"])
  })

  it("keeps the lines of model and flags as Linux writes them, of the first core", () => {
    const { cpuinfo } = linux["EPYC of the third generation"]
    const { lines } = processorOf({ arch: "x64", model: "", cpuinfo: `${cpuinfo}\n${cpuinfo.replace("EPYC", "another")}` })
    assert.strictEqual(lines[0], "model name\t: AMD EPYC")
    assert.match(lines[1], /^flags\t\t: fpu vme .* fsrm$/)
  })

  it("tells this machine's kind, asked for once", () => {
    const { kind } = thisProcessor()
    assert.match(kind, new RegExp(`^${arch()}(-[a-z0-9]+(\\+[a-z0-9]+)*)?$`))
    assert.strictEqual(thisProcessor(), thisProcessor())
  })

  it("is read from the system in one place of lib", () => {
    const lib = join(import.meta.dirname, "../../../lib")
    const readers = readdirSync(lib, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts") && readFileSync(join(lib, file), "utf8").includes('"/proc/cpuinfo"')
    )
    assert.deepStrictEqual(readers, [join("machine", "processor.ts")])
  })
})
