import { defineConfig } from "vitest/config"

// What depends on the processor's kernels, in one process, so that an emulator runs all of it (npm run test:processor).
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: [
      "test/lib/engine/onnx/*.test.ts",
      "test/lib/train/step.golden.test.ts",
      "test/lib/evaluate/*.test.ts",
      "test/lib/weights/onnx-parity.test.ts"
    ],
    globalSetup: "test/seed.ts",
    pool: "threads",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000
  }
})
