import { defineConfig } from "vitest/config"

// What needs TensorFlow (npm run setup:tensorflow): apart from the suite, which needs nothing but npm.
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/tensorflow/**/*.check.ts"],
    globalSetup: "test/seed.ts",
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 120_000
  }
})
