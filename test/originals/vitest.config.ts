import { defineConfig } from "vitest/config"

/** Checks against original weights and vocabularies, which are downloaded: `npm run test:originals`. */
export default defineConfig({
  test: {
    include: ["test/originals/**/*.check.ts"],
    globalSetup: "test/seed.ts",
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000
  }
})
