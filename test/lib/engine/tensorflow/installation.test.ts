import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { environmentOf } from "../../../../lib/engine/tensorflow/environment.ts"
import { gpuFault, nvidiaDriver } from "../../../../lib/engine/tensorflow/gpu.ts"
import {
  chosenInstallation,
  type Device,
  type Installation,
  installationOf,
  installationsFolder
} from "../../../../lib/engine/tensorflow/installation.ts"
import { settingsOf } from "../../../../lib/engine/tensorflow/settings.ts"
import { gpuModels, machineKind, xlaCacheFolder } from "../../../../lib/engine/tensorflow/xla-cache.ts"

const folder = mkdtempSync(join(tmpdir(), "semmim-installations-"))
afterAll(() => rmSync(folder, { recursive: true }))

const installed = (...devices: readonly Device[]) => {
  return (device: Device): Installation | undefined =>
    devices.includes(device) ? { device, addon: "binding.node", tensorflow: "1", binding: "2" } : undefined
}

describe("TensorFlow's installation", () => {
  it("is in SEMMIM_TENSORFLOW, or in the user's cache", () => {
    assert.strictEqual(installationsFolder({ SEMMIM_TENSORFLOW: "/there" }), "/there")
    assert.strictEqual(installationsFolder({ XDG_CACHE_HOME: "/cache" }), "/cache/semmim/tensorflow")
  })
  it("is found by the file that is written when all else is done", () => {
    assert.isUndefined(installationOf("cpu", folder))
    mkdirSync(join(folder, "cpu"))
    assert.isUndefined(installationOf("cpu", folder))
    writeFileSync(join(folder, "cpu", "made-from.json"), JSON.stringify({ tensorflow: "2.21.0", binding: "4.22.0", parts: [] }))
    assert.deepEqual(installationOf("cpu", folder), {
      device: "cpu",
      addon: join(folder, "cpu", "binding.node"),
      tensorflow: "2.21.0",
      binding: "4.22.0"
    })
  })
  it("for a GPU has CUDA's compiler beside it, which XLA is pointed to", () => {
    mkdirSync(join(folder, "gpu"))
    writeFileSync(join(folder, "gpu", "made-from.json"), JSON.stringify({ tensorflow: "2.21.0", binding: "4.22.0", parts: [] }))
    const { cuda, device } = installationOf("gpu", folder)!
    assert.strictEqual(cuda, join(folder, "gpu", "nvidia", "cuda_nvcc"))
    const settings = { device, threads: 2, cache: "cache" }
    assert.include(environmentOf({ ...settings, cuda: cuda! })["XLA_FLAGS"], `--xla_gpu_cuda_data_dir=${cuda}`)
    assert.notProperty(environmentOf({ ...settings, device: "cpu" }), "XLA_FLAGS")
  })
  it("is the one that was asked for, never another", () => {
    assert.strictEqual(chosenInstallation("cpu", installed("cpu", "gpu")).device, "cpu")
    assert.throws(
      () => chosenInstallation("gpu", installed("cpu")),
      /^TensorFlow is not set up for GPUs: npm run setup:tensorflow -- --gpu does it$/
    )
  })
  it("is the GPU's where nothing was asked for and it is there", () => {
    assert.strictEqual(chosenInstallation(undefined, installed("cpu", "gpu")).device, "gpu")
    assert.strictEqual(chosenInstallation(undefined, installed("cpu")).device, "cpu")
    assert.throws(
      () => chosenInstallation(undefined, installed()),
      /^TensorFlow is not set up: npm run setup:tensorflow does it$/
    )
  })
})

describe("settings of the tensorflow engine", () => {
  it("come from the environment", () => {
    assert.deepEqual(settingsOf({}), {})
    const given = { SEMMIM_DEVICE: "gpu", SEMMIM_COMPUTE: "bfloat16", SEMMIM_XLA_CACHE: "/xla" }
    assert.deepEqual(settingsOf(given), { device: "gpu", compute: "bfloat16", cache: "/xla" })
  })
  it("of another value are refused by name", () => {
    assert.throws(() => settingsOf({ SEMMIM_DEVICE: "tpu" }), /^SEMMIM_DEVICE is 'tpu', and not cpu or gpu$/)
    assert.throws(
      () => settingsOf({ SEMMIM_COMPUTE: "half" }),
      /^SEMMIM_COMPUTE is 'half', and not float32 or bfloat16 or autocast$/
    )
  })
})

describe("a missing GPU", () => {
  it("is explained: no driver, no device, or neither", () => {
    assert.match(gpuFault(undefined, false), /there is no NVIDIA driver on this machine$/)
    assert.match(gpuFault("570.1", false), /NVIDIA driver 570\.1, but no \/dev\/nvidia0/)
    assert.match(gpuFault("570.1", true), /though there is NVIDIA driver 570\.1/)
  })
  it("is found by the driver's version", () => {
    const file = join(folder, "version")
    writeFileSync(file, "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb 26\nGCC version: 12")
    assert.strictEqual(nvidiaDriver(file), "570.124.06")
    writeFileSync(file, "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  565.57.01  Release Build")
    assert.strictEqual(nvidiaDriver(file), "565.57.01")
    assert.isUndefined(nvidiaDriver(join(folder, "nothing")))
  })
})

describe("the cache of what XLA compiled", () => {
  it("is another for another processor, device or version", () => {
    const folders = [
      machineKind("1", "cpu", "a"),
      machineKind("1", "cpu", "b"),
      machineKind("1", "gpu", "a"),
      machineKind("2", "cpu", "a")
    ].map(xlaCacheFolder)
    assert.strictEqual(new Set(folders).size, 4)
    assert.strictEqual(xlaCacheFolder(machineKind("1", "cpu", "a")), folders[0])
  })
})

describe("GPUs", () => {
  it("are named by their models, each once", () => {
    const driver = join(folder, "gpus")
    for (const [bus, model] of [
      ["0000:19:00.0", "NVIDIA H200"],
      ["0000:3b:00.0", "NVIDIA H200"],
      ["0000:4c:00.0", "Tesla T4"]
    ] as const) {
      mkdirSync(join(driver, bus), { recursive: true })
      writeFileSync(join(driver, bus, "information"), `Model: \t\t ${model}\nIRQ:   \t\t 64\n`)
    }
    assert.deepStrictEqual(gpuModels(driver), ["NVIDIA H200", "Tesla T4"])
    assert.deepStrictEqual(gpuModels(join(folder, "none")), [])
  })
})
